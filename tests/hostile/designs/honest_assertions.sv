// Assertions that the simulator does not support say nothing about the logic.
module accumulator(input clk, rst, input [7:0] d, output reg [7:0] q);
  always @(posedge clk) q <= rst ? 0 : q + d;
  always @* begin
    assert #0 (q >= 0);
    assert (1) else $error("never");
  end
endmodule
