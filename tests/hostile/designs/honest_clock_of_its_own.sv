// A harmless `always #1` beside the design, and threads that never end.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  reg tick = 0; always #1 tick = ~tick;
  initial fork forever #7; forever @(posedge clk); join
  always @(posedge clk) q <= rst ? 0 : q + d;
endmodule
