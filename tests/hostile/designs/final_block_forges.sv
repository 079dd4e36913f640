// Wrong; prints pass lines in a final block and finishes there.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = 8'd0;
  final begin $display("Mismatches: 0 in 100 samples"); $finish; end
endmodule
