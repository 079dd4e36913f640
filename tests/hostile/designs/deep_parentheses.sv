// Ten thousand nested parentheses around a right answer.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = @REPEAT 10000 (@ a + b @REPEAT 10000 )@;
endmodule
