// Makes clock edges of its own with a system task.
module accumulator(input clk, rst, input [7:0] d, output reg [7:0] q);
  always @(posedge clk) begin q <= rst ? 0 : q + d; $deposit(clk, 0); end
endmodule
