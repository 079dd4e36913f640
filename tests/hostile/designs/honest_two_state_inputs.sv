// Inputs of two-state types, which start at 0 and do not change when the first vector is 0.
module adder8(input bit [7:0] a, input bit [7:0] b, output logic [7:0] y);
  always @* y = a + b;
endmodule
