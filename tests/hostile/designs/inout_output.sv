// The output is an inout.
module adder8(input [7:0] a, input [7:0] b, inout [7:0] y);
  assign y = a + b;
endmodule
