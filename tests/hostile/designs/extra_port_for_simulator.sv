// The same with an input that is left open.
module adder8(input [7:0] a, input [7:0] b,
`ifdef __ICARUS__
  input open,
`endif
  output [7:0] y);
  assign y = a + b;
endmodule
