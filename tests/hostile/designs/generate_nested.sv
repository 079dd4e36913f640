// Three nested generate loops of a thousand each.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = a + b;
  genvar i, j, k;
  generate for (i = 0; i < 1000; i = i + 1) begin : p
    for (j = 0; j < 1000; j = j + 1) begin : q
      for (k = 0; k < 1000; k = k + 1) begin : r reg x; end
    end
  end endgenerate
endmodule
