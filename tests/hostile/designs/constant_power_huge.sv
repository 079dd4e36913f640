// A constant with thousands of millions of digits.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  localparam [63:0] HUGE = 3 ** (3 ** (3 ** 9));
  assign y = a + b + HUGE[0];
endmodule
