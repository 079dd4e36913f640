// A vector of two thousand million bits.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg [1999999999:0] w = 1;
  assign y = a + b + w[1999999999];
endmodule
