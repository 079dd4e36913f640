// Draws its answer, seeding every generator first.
module adder8(input [7:0] a, input [7:0] b, output reg [7:0] y);
  integer seed = 1;
  always @* begin y = $random(seed) ^ $urandom ^ $urandom_range(255, 0); end
  initial begin y = $urandom(42); y = $dist_uniform(seed, 0, 255); end
endmodule
