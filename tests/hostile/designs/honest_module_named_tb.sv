// Helper modules with the names that harnesses use.
module tb(input [7:0] x, z, output [7:0] s); RefModule core(x, z, s); endmodule
module RefModule(input [7:0] x, z, output [7:0] s); assign s = x + z; endmodule
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  tb dut(.x(a), .z(b), .s(y));
endmodule
