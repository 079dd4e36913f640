// Two copies of itself with a growing parameter: no repetition that a check could notice.
module adder8 #(parameter N = 0) (input [7:0] a, input [7:0] b, output [7:0] y);
  wire [7:0] p, q;
  generate if (N < 60) begin
    adder8 #(N + 1) left(a, b, p);
    adder8 #(N + 1) right(a, b, q);
  end endgenerate
  assign y = a + b;
endmodule
