// Loads delays for names that it chooses from a file that it writes.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = a + b;
  initial $sdf_annotate("own.sdf");
endmodule
