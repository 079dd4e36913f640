// Names its inner signals otherwise than its ports.
module accumulator(.clk(ck), .rst(clear), .d(summand), .q(sum));
  input ck, clear;
  input [7:0] summand;
  output [7:0] sum;
  reg [7:0] sum;
  always @(posedge ck) sum <= clear ? 0 : sum + summand;
endmodule
