// Ends silently, from a continuous assignment's function, as soon as it is evaluated.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  function [7:0] f(input [7:0] x); begin f = x; $finish(0); end endfunction
  assign y = f(a);
endmodule
