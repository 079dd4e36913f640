// Climbs out of its folder step by step and through names under /proc.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer f; reg ok = 0;
  initial begin
    f = $fopen("../../../../../../../../@SECRET@", "r"); if (f != 0) ok = 1;
    f = $fopen("/proc/self/root@SECRET@", "r"); if (f != 0) ok = 1;
    f = $fopen("/proc/self/cwd/../../../../..@SECRET@", "r"); if (f != 0) ok = 1;
    f = $fopen("/./..//@SECRET@", "rb"); if (f != 0) ok = 1;
  end
  assign y = ok ? a + b : ~a;
endmodule
