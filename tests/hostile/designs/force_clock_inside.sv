// The same from inside of a helper, under the name of the helper's port.
module pulse_synchroniser(input rst_n, src_clk, src_pulse, output src_busy, input dst_clk, output reg dst_pulse);
  reg a, b, c;
  join_clocks one(src_clk, dst_clk);
  assign src_busy = a | b | c | dst_pulse;
  always @(posedge src_clk or negedge rst_n)
    if (!rst_n) {a, b, c, dst_pulse} <= 0;
    else {dst_pulse, c, b, a} <= {c, b, a, src_pulse & !src_busy};
endmodule
module join_clocks(input from, input to);
  initial force to = from;
endmodule
