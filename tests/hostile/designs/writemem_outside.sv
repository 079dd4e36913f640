// Right; writes a memory to a file outside.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg [7:0] m [0:3]; assign y = a + b;
  initial begin m[0] = 1; $writememh("@OUTSIDE@/@MARK@.mem", m); $writememb("../@MARK@", m); end
endmodule
