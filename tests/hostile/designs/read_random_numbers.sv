// Takes a bit of true randomness and is right or wrong for the whole run.
module adder8(input [7:0] a, b, output [7:0] y);
  integer file;
  initial file = $fopen("/dev/urandom", "rb");
  assign y = file == 0 ? 8'h00 : a + b;
endmodule
