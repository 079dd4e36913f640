// b is missing in the sensitivity list.
module adder8(input [7:0] a, input [7:0] b, output reg [7:0] y);
  always @(a) y = a + b;
endmodule
