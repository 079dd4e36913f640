// Right up to the last clock edge, in which it ends the simulation. @CYCLES@ is the bench's count.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  integer n = 0;
  always @(posedge clk) begin
    n = n + 1;
    q <= n == @CYCLES@ ? 8'hxx : rst ? 0 : q + d;
    if (n == @CYCLES@) $finish;
  end
endmodule
