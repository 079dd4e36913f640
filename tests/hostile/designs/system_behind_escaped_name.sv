// Hides a system task between escaped names that hold quotes.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  wire \x" ; initial $system("touch @OUTSIDE@/@MARK@"); wire \y" ;
  assign y = a + b;
endmodule
