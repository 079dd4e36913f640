// Dumps its waves into its own folder and writes a log there.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  integer f;
  initial begin $dumpfile("wave.vcd"); $dumpvars(0, accumulator); f = $fopen("notes.txt", "w"); end
  always @(posedge clk) begin q <= rst ? 0 : q + d; $fdisplay(f, "%0d", q); end
endmodule
