// An output of one bit is a real number with another name.
module single(a, .y(r));
  input a;
  output r;
  real r;
  always @* r = !a;
endmodule
