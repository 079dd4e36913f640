// Asks which simulator this is, as portable code does.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
`ifdef __ICARUS__
  wire [7:0] s = a + b;
`else
  logic [7:0] s; always_comb s = a + b;
`endif
  assign y = s;
endmodule
