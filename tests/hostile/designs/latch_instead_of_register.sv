// Follows its inputs while the clock is high.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  reg [7:0] old;
  always @* if (!clk) old = q;
  always @* if (clk) q = rst ? 0 : old + d;
endmodule
