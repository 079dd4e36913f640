// A generate loop of a hundred million instances.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = a + b;
  genvar k;
  generate for (k = 0; k < 100000000; k = k + 1) begin : g wire w; assign w = a[0]; end endgenerate
endmodule
