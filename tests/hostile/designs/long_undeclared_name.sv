// An undeclared name of 10,000 characters.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = @REPEAT 10000 x@;
endmodule
