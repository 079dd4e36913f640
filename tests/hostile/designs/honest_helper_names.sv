// More names that a harness might use, for instances, nets and functions.
module stimulus_gen(input x, output z); assign z = x; endmodule
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  wire clk, pass, errors; wire [7:0] top, n_in; integer n_go, cocotb;
  stimulus_gen good1(a[0], pass);
  assign top = a; assign n_in = b; assign y = top + n_in;
endmodule
