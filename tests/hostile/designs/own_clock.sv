// Ignores the clock that it gets and makes one of its own.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  reg own = 0; always #5 own = ~own;
  always @(posedge own) q <= rst ? 0 : q + d;
endmodule
