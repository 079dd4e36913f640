// Ten thousand nested blocks around a right answer.
module adder8(input [7:0] a, input [7:0] b, output reg [7:0] y);
  always @* @REPEAT 10000 begin @ y = a + b; @REPEAT 10000 end @
endmodule
