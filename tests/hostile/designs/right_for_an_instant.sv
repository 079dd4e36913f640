// Unknown for 9.999 of every 10 ns.
module adder8(input [7:0] a, input [7:0] b, output reg [7:0] y);
  always @* begin y = 8'bx; #9.999 y = a + b; end
endmodule
