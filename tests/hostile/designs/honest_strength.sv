// Tri-state and strength inside of the design, resolved at the output.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  tri [7:0] bus; wire [7:0] s = a + b;
  assign bus = a[0] ? s : 8'bz; assign bus = a[0] ? 8'bz : s;
  assign (weak0, weak1) bus = 8'd0;
  assign y = bus;
endmodule
