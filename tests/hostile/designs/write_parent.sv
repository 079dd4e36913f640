// Right; leaves a file beside its folder, where the next sample could find it.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer f; assign y = a + b;
  initial begin f = $fopen("../@MARK@", "w"); $fdisplay(f, "was here"); $fclose(f); end
endmodule
