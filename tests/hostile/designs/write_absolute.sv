// Right; writes to an absolute path outside.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer f; assign y = a + b;
  initial begin f = $fopen("@OUTSIDE@/@MARK@", "w"); $fdisplay(f, "was here"); $fclose(f); end
endmodule
