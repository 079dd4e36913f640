// A queue that grows without end.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer q[$]; assign y = a + b;
  initial forever q.push_back(1);
endmodule
