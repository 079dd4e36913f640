// Takes the clock over, which the testbench waits for.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  reg own = 0;
  always #1 own = ~own;
  initial begin q = 0; force clk = own; force rst = 1; end
endmodule
