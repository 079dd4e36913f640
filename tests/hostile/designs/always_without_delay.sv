// An always block without any delay.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg x = 0; always x = ~x;
  assign y = a + b;
endmodule
