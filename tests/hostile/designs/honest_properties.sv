// Properties beside right logic, which Icarus can't parse.
module accumulator(input clk, rst, input [7:0] d, output reg [7:0] q);
  always @(posedge clk) q <= rst ? 0 : q + d;
  property held;
    @(posedge clk) rst |=> q == 0;
  endproperty
  checked: assert property (held) else $error("not reset");
  cover property (@(posedge clk) d != 0 ##1 q != 0);
endmodule
