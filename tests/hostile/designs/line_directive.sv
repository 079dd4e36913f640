// Claims to stand in another file.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
`line 1 "@SECRET_SVH@" 1
  assign y = a - b;
endmodule
