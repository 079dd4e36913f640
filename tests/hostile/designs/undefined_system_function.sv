// Calls a system function that does not exist.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = a + b + $does_not_exist(a);
endmodule
