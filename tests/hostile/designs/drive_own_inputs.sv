// Drives its own input ports.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  assign d = 8'd0; assign rst = 1'b1;
  always @(posedge clk) q <= 0;
endmodule
