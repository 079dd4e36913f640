// There is no port y.
module adder8(input [7:0] a, input [7:0] b, output [7:0] z);
  assign z = a + b;
endmodule
