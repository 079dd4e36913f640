// Drives its own inputs, under a testbench with a golden model.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign a = 1;
  assign y = a + b;
endmodule
