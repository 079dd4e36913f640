// A surplus port with a name of 10,000 characters, which must not fill the message.
module adder8(input [7:0] a, input [7:0] b, input @REPEAT 10000 x@, output [7:0] y);
  assign y = a + b;
endmodule
