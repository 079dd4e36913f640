// A signal inside has the name of the missing port.
module accumulator(input clk, input rst, input [7:0] d);
  reg [7:0] q;
  always @(posedge clk) q <= rst ? 0 : q + d;
endmodule
