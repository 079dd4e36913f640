// `define, `ifdef, and macros with the names of keywords.
`define SUM(x, z) ((x) + (z))
`define module not_used
`define input not_used
`define WIDE 8
`ifdef SIMULATION
`define EXTRA +1
`elsif WIDE
`define EXTRA
`endif
module adder8(input [`WIDE-1:0] a, input [`WIDE-1:0] b, output [`WIDE-1:0] y);
  assign y = `SUM(a, b) `EXTRA;
endmodule
`undef SUM
