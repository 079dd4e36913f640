// Assertions with messages that are never due.
module accumulator(input clk, input rst, input [7:0] d, output reg [7:0] q);
  always @(posedge clk) begin
    q <= rst ? 0 : q + d;
    if (rst === 1'bz) $error("reset is open");
    if (q > 255) $fatal(1, "impossible");
    assert (d <= 255) else $error("impossible");
  end
endmodule
