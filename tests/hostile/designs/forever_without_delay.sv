// An initial block that never gives the simulator back.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer x = 0; initial forever x = x + 1;
  assign y = a + b;
endmodule
