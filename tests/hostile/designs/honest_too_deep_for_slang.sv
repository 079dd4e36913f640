// Right, beside a spare module that slang gives up on.
module adder8(input [7:0] a, b, output [7:0] y); assign y = a + b; endmodule
module spare; wire w = @REPEAT 1500 (@1@REPEAT 1500 )@; endmodule
