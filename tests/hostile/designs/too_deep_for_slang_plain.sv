// A spare module that slang gives up on hides a further input from a plain testbench.
module accumulator(input clk, rst, input [7:0] d, input cheat, output reg [7:0] q);
  always @(posedge clk) q <= rst ? 0 : q + d;
endmodule
module spare; wire w = @REPEAT 1500 (@1@REPEAT 1500 )@; endmodule
