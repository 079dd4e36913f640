// Ten thousand nested generate conditions; wrong.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  generate @REPEAT 10000 if (1) begin @ assign y = a; @REPEAT 10000 end @ endgenerate
endmodule
