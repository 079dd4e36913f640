// A port that is named by an expression.
module accumulator(input clk, input rst, input [7:0] d, .q(r));
  output [7:0] r; reg [7:0] r;
  always @(posedge clk) r <= 0;
endmodule
