// A spare module that slang gives up on hides an output that is a real number.
module doubler(input [63:0] a, output real y); assign y = 2.0 * a; endmodule
module spare; wire w = @REPEAT 1500 (@1@REPEAT 1500 )@; endmodule
