// A memory of 16 GiB, written at once.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg [63:0] m [0:2000000000]; integer k;
  initial for (k = 0; k < 2000000000; k = k + 1) m[k] = k;
  assign y = a + b + m[0];
endmodule
