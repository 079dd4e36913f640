// The same with an inout in place of an output.
module adder8(input [7:0] a, input [7:0] b,
`ifdef __ICARUS__
  inout [7:0] y);
`else
  output [7:0] y);
`endif
  assign y = a + b;
endmodule
