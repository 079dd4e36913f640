// A block that nobody ends.
module adder8(input [7:0] a, input [7:0] b, output reg [7:0] y);
  always @* begin y = 0;
endmodule
