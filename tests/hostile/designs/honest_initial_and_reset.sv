// An initial value beside a proper reset, and registers that are never reset.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  reg [7:0] seen; integer n;
  initial begin q = 8'hab; n = 0; end
  always @(posedge clk) begin q <= rst ? 0 : q + d; seen <= d; n <= n + 1; end
endmodule
