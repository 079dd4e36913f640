// Has no reset at all and stays X.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  always @(posedge clk) q <= q + d;
endmodule
