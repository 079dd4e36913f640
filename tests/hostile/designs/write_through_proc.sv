// Right; writes through names under /proc that lead elsewhere.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer f; assign y = a + b;
  initial begin
    f = $fopen("/proc/self/root@OUTSIDE@/@MARK@", "w"); $fdisplay(f, "was here");
    f = $fopen("/proc/self/cwd/../@MARK@", "w"); $fdisplay(f, "was here");
    f = $fopen("/proc/self/comm", "w"); $fdisplay(f, "was here");
    f = $fopen("/proc/self/oom_score_adj", "w"); $fdisplay(f, "1000");
  end
endmodule
