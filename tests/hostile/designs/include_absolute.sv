// Includes a file by its absolute path.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
`include "@SECRET_SVH@"
endmodule
