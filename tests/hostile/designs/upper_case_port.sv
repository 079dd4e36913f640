// The port is spelled in capitals.
module adder8(input [7:0] a, input [7:0] b, output [7:0] Y);
  assign Y = a + b;
endmodule
