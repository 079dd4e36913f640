// Names its inner signals otherwise than its ports, and joins two to one port.
module adder8(.a({high, low}), .b(other), .y(sum));
  input [3:0] high, low;
  input [7:0] other;
  output [7:0] sum;
  assign sum = {high, low} + other;
endmodule
