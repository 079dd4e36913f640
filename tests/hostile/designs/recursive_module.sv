// A module that contains itself.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  adder8 again(a, b, y);
endmodule
