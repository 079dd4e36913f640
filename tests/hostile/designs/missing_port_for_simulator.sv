// Shows the right ports to every parser that does not define the simulator's own macro.
module accumulator(input clk, input rst, input [7:0] d
`ifdef __ICARUS__
  ); reg [7:0] q;
`else
  , output reg [7:0] q);
`endif
  always @(posedge clk) q <= rst ? 0 : q + d;
endmodule
