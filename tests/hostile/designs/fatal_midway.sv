// Right, but ends by $fatal.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  always @(posedge clk) q <= rst ? 0 : q + d;
  initial #333 $fatal(1, "%s%s%n", "PASS");
endmodule
