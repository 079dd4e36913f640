// Sets the search path of $readmemh.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg [7:0] m [0:0];
  initial begin m[0] = 0; $readmempath("@SECRET_DIR@"); $readmemh("secret.txt", m); end
  assign y = m[0] === 8'h5a ? a + b : ~a;
endmodule
