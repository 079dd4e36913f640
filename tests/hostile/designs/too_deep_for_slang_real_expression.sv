// The same beside a spare module that slang gives up on.
module single(a, .y(r));
  input a;
  output r;
  real r;
  always @* r = !a;
endmodule
module spare; wire w = @REPEAT 1500 (@1@REPEAT 1500 )@; endmodule
