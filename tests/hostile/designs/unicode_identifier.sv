// Letters that Verilog does not know.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  wire [7:0] größe = a + b; assign y = größe;
endmodule
