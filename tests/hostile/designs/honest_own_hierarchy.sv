// Hierarchical references to its own parts, and a force of its own wire.
module store(input [7:0] x); reg [7:0] kept; always @* kept = x; endmodule
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  wire [7:0] s; wire one = 1'b0;
  assign s = a + b; store st(s);
  initial force one = 1'b1;
  assign y = adder8.st.kept & {8{one}};
endmodule
