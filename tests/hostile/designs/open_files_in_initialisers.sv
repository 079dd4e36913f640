// Opens all files that it may before the testbench is imported, which is no fault of the testbench.
module adder8(input [7:0] a, b, output [7:0] y);
@LINES 80   integer f%N = $fopen("f%N", "w");@
  assign y = a + b;
endmodule
