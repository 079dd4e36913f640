// Comments with quotes "like this, 'and this, `ticks`, unicode é ü 中文 “quotes” and /* marks.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  // don't `include anything; "bind x y" and $system stay words in a comment
  /* "unclosed, // nested? */
  initial $display("strings with `include \"x\" and // and /* and bind a b; $system");
  assign y = a + b; // it's ½ done…
endmodule
