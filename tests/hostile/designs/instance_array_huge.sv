// An array of ten million instances.
module inv(input x, output z); assign z = ~x; endmodule
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  wire [9999999:0] w;
  inv many [9999999:0] (.x(a[0]), .z(w));
  assign y = a + b;
endmodule
