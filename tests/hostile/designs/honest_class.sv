// Classes and queues, which not every simulator version knows.
module adder8(input [7:0] a, input [7:0] b, output reg [7:0] y);
  class sum; integer s; function new(); s = 0; endfunction endclass
  sum c; integer q[$];
  initial begin c = new; q.push_back(1); end
  always @* y = a + b;
endmodule
