// Right except that one bit becomes X where both inputs are odd.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  wire [7:0] s = a + b;
  assign y = {s[7:1], a[0] & b[0] ? 1'bx : s[0]};
endmodule
