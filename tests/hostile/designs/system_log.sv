// Redirects the simulator's log and reads commands from a file.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = a + b;
  initial begin $log("@OUTSIDE@/@MARK@"); $key("@OUTSIDE@/@MARK@"); $input("@SECRET@"); end
endmodule
