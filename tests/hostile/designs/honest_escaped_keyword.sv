// Names that only the backslash keeps from being keywords, quotes or comments.
module \adder8 (input [7:0] a, input [7:0] b, output [7:0] y);
  wire [7:0] \endmodule , \"quote" , \//comment ;
  assign \endmodule = a, \"quote" = b, \//comment = \endmodule + \"quote" ;
  assign y = \//comment ;
endmodule
