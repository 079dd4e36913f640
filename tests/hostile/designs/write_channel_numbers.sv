// Wrong; writes to simulator file descriptors and channels that it never opened.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer k; assign y = 8'd0;
  initial begin
    for (k = 0; k < 64; k = k + 1) $fdisplay(32'h8000_0000 + k, "{\"finished\": true}");
    for (k = 0; k < 31; k = k + 1) $fdisplay(1 << k, "{\"finished\": true}");
  end
endmodule
