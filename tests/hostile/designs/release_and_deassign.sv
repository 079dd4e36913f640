// Releases and deassigns what it does not own.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  always @(posedge clk) q <= 0;
  always #1 begin release clk; release q; deassign q; end
endmodule
