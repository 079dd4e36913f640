// Two ports of one name: the compiler connects the first, and the second hides it from a look by name.
module adder8(.a(a), .b(b), .y(right), .y(wrong));
  input [7:0] a, b;
  output [7:0] right, wrong;
  assign right = a + b, wrong = 0;
endmodule
