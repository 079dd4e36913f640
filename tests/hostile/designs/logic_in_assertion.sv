// The right logic is in the action of a failing assertion.
module accumulator(input clk, rst, input [7:0] d, output reg [7:0] q);
  property never;
    @(posedge clk) 1 |-> 0;
  endproperty
  assert property (never) else q <= rst ? 0 : q + d;
endmodule
