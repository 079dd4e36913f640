// Wrong until 7 ns after every change.
module adder8(input [7:0] a, input [7:0] b, output reg [7:0] y);
  always @(a or b) begin y = ~(a + b); #7 y = a + b; end
endmodule
