// Old names: $getpattern, $simparam.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg [7:0] m [0:0];
  assign y = $getpattern(m[0]) + $simparam("nonce");
endmodule
