// A parameter with a type, beside others with defaults.
module adder8 #(parameter bit [7:0] WIDTH = 8, parameter real LOAD = 0.5, localparam TOP = WIDTH - 1)
  (input [TOP:0] a, input [TOP:0] b, output [TOP:0] y);
  assign y = a + b;
endmodule
