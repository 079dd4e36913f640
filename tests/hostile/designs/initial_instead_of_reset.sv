// Starts from an initial value and ignores the reset.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  initial q = 0;
  always @(posedge clk) q <= rst && $time < 100 ? 0 : q + d;
endmodule
