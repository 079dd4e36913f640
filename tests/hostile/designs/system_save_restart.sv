// Saves, restarts and resets the simulation.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = 0;
  initial begin $save("@OUTSIDE@/@MARK@"); $restart("@SECRET@"); $reset; $incsave("x"); end
endmodule
