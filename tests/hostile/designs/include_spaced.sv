// A blank between the back-tick and the word.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = a + b;
`  include "completion.sv"
endmodule
