// A configuration that redirects cells.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = 0;
endmodule
config cfg; design adder8; default liblist work; endconfig
