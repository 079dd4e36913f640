// The finest time scale, with a clock-to-output delay.
`timescale 1fs/1fs
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  always @(posedge clk) q <= #1000 rst ? 0 : q + d;
endmodule
