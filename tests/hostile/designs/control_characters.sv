// Control characters inside of the text; wrong.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y @CONTROL@ = a;
endmodule
