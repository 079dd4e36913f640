// Joins two of its inputs by a switch.
module accumulator(input clk, rst, input [7:0] d, output reg [7:0] q);
  tran(rst, d[0]);
  always @(posedge clk) q <= rst ? 0 : q + d;
endmodule
