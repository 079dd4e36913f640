// Right only if a pasted-together directive can include a file that comes with the simulator.
`define LOAD(x) `in``x "@ICARUS@/include/constants.vams"
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
`LOAD(clude)
`ifdef M_PI
  assign y = a + b;
`endif
endmodule
