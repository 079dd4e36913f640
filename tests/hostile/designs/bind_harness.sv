// Binds a module of its own to any other.
module probe; initial $finish; endmodule
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = 0;
endmodule
bind adder8 probe p1();
