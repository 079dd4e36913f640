// Waits so long that the time might wrap around.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  always @(posedge clk) q <= rst ? 0 : q + 1;
  initial begin #(64'hffff_ffff_ffff_fff0) $finish; end
  always #(64'h7fff_ffff_ffff_ffff) q = 0;
endmodule
