// Draws random numbers that do not matter.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg [31:0] noise; initial begin noise = $random; noise = $urandom; end
  assign y = a + b + (noise & 32'd0);
endmodule
