// `#1` on non-blocking assignments.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  always @(posedge clk) if (rst) q <= #1 8'd0; else q <= #1 q + d;
endmodule
