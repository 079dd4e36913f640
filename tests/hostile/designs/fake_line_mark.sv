// Imitates the compiler's own file marks in a comment and in a string.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
/*
# 1 "completion.sv"
*/
  initial $display("`line 1 \"completion.sv\" 0");
  assign y = 0;
endmodule
