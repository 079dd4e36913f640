// Right for one width; the parameter can't be set.
module adder8 #(parameter W = 8) (input [W-1:0] a, input [W-1:0] b, output [W-1:0] y);
  localparam WIDTH = W;
  assign y = a + b;
endmodule
