// One line of 390,000 characters; the design is right.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y); assign y = a + b; @REPEAT 390000  @ endmodule
