// Prints in an always block and in a final block.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  always @(posedge clk) begin q <= rst ? 0 : q + d; $display("q=%0d FAIL Mismatches: 3", q); end
  final $display("done");
endmodule
