// Leaves its ports dead and computes on inner nets with their names.
module accumulator(.clk(x1), .rst(x2), .d(x3), .q(x4));
  input x1, x2;
  input [7:0] x3;
  output [7:0] x4;
  wire clk, rst;
  wire [7:0] d;
  reg [7:0] q;
  always @(posedge clk) q <= rst ? 0 : q + d;
endmodule
