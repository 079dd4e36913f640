// a is missing in the sensitivity list of one of two processes.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg [7:0] copy, sum; assign y = sum;
  always @(b) copy = a;
  always @(copy or b) sum = copy + b;
endmodule
