// A register whose output is unknown for 9 ns after every clock edge.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  reg [7:0] sum;
  always @(posedge clk) begin sum = rst ? 0 : sum + d; q = 8'bx; #9 q = sum; end
endmodule
