// A user-defined primitive beside the module.
primitive follow(output z, input x); table 0 : 0; 1 : 1; endtable endprimitive
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  wire [7:0] s = a + b; wire low;
  follow f1(low, s[0]);
  assign y = {s[7:1], low};
endmodule
