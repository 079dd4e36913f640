// Works on the falling edge.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  always @(negedge clk) q <= rst ? 0 : q + d;
endmodule
