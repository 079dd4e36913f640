// `default_nettype none, never restored, with `celldefine left open.
`resetall
`default_nettype none
`celldefine
module adder8(input wire [7:0] a, input wire [7:0] b, output wire [7:0] y);
  assign y = a + b;
endmodule
