// Escaped identifiers, attributes and a specify block.
module leaf(input x, output z);
  specify (x => z) = 0; endspecify
  buf b1(z, x);
endmodule
(* keep = "true" *)
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  (* keep *) wire [7:0] \sum+of/*both ; wire low;
  assign \sum+of/*both = a + b;
  leaf l1(\sum+of/*both [0], low);
  assign y = {\sum+of/*both [7:1], low};
endmodule
