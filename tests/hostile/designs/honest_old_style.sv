// Port declarations behind the header, and two modules of which one is not used.
module unused(x); input x; initial $finish; endmodule
module accumulator(clk, rst, d, q);
  input clk, rst; input [7:0] d; output [7:0] q;
  reg [7:0] q;
  always @(posedge clk) q <= rst ? 0 : q + d;
endmodule
