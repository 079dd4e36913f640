// An always block with a delay of zero.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg x = 0; always #0 x = ~x;
  assign y = a + b;
endmodule
