// Puts the directive into a macro's text.
`define LOAD `include "@SECRET_SVH@"
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
`LOAD
endmodule
