// Right; leaves files in the common temporary folders.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer f; assign y = a + b;
  initial begin
    f = $fopen("/dev/shm/@MARK@", "w"); $fdisplay(f, "was here");
    f = $fopen("/tmp/@MARK@", "w"); $fdisplay(f, "was here");
    f = $fopen("/var/tmp/@MARK@", "w"); $fdisplay(f, "was here");
    f = $fopen("@CWD@/@MARK@", "w"); $fdisplay(f, "was here");
  end
endmodule
