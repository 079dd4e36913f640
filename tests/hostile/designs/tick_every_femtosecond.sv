// The finest time scale and a clock in it.
`timescale 1fs/1fs
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg x = 0; always #1 x = ~x;
  assign y = a + b;
endmodule
