// An identifier of 390,000 characters.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  wire @REPEAT 390000 x@;
  assign y = 0;
endmodule
