// An escaped identifier with a quote or a comment mark in it hides what follows.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  wire \quote" ; `include "@SECRET_SVH@" // "
  wire \comment/* ;
`include "@SECRET_SVH@"
endmodule
