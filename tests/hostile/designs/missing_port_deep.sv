// Nested too deep for a second parser to see that a port is missing.
module accumulator(input clk, input rst, input [7:0] d);
  reg [7:0] q;
  wire deep = @REPEAT 4000 (@ 1'b1 @REPEAT 4000 )@;
  always @(posedge clk) q <= rst ? 0 : q + d;
endmodule
