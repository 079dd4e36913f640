// A second top level that would force everything, were it elaborated.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = 0;
endmodule
module n0000000000000000_top; initial $finish; endmodule
module top; initial $finish; endmodule
