// A spare module that slang gives up on hides ports of both directions.
module adder8(inout [7:0] a, b, inout [7:0] y); assign y = a + b; endmodule
module spare; wire w = @REPEAT 1500 (@1@REPEAT 1500 )@; endmodule
