// A monitor with a field of a hundred megabytes.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = a + b;
  initial $monitor("%100000000d", a);
endmodule
