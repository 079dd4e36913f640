// `default_nettype none with every wire declared, restored behind.
`default_nettype none
module adder8(input wire [7:0] a, input wire [7:0] b, output wire [7:0] y);
  assign y = a + b;
endmodule
`default_nettype wire
