// Right; dumps its waves to a file outside.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = a + b;
  initial begin $dumpfile("@OUTSIDE@/@MARK@.vcd"); $dumpvars(0, adder8); end
endmodule
