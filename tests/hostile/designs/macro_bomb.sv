// Doubles its text thirty times.
`define A0 +a+a+a+a+a+a+a+a
@LINES 30 `define A%N `A%P `A%P@
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = a `A30 ;
endmodule
