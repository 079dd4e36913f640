// Right; writes to terminals and devices.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer f; assign y = a + b;
  initial begin
    f = $fopen("/dev/tty", "w"); $fdisplay(f, "@MARK@");
    f = $fopen("/dev/stdout", "w"); $fdisplay(f, "@MARK@");
    f = $fopen("/dev/stderr", "w"); $fdisplay(f, "@MARK@");
    f = $fopen("/dev/full", "w"); $fdisplay(f, "@MARK@");
    f = $fopen("/dev/null", "w"); $fdisplay(f, "@MARK@");
  end
endmodule
