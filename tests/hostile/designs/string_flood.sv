// A string that doubles without end.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  string s; assign y = a + b;
  initial begin s = "0123456789abcdef"; forever s = {s, s}; end
endmodule
