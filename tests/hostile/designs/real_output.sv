// The output is a real number of 64 bits.
module doubler(input [63:0] a, output real y);
  assign y = 2.0 * a;
endmodule
