// Shows its inputs, hands them on and forces a wire of its own.
module accumulator(input clk, rst, input [7:0] d, output reg [7:0] q);
  wire [7:0] word;
  pass inner(.d(d), .word(word));
  initial begin $display("%b %b", d, rst); $strobe(clk); end
  always @(posedge clk) begin $write("%d", d); q <= rst ? 0 : q + word; end
endmodule
module pass(input [7:0] d, output [7:0] word);
  wire spare;
  initial force spare = d[0];
  assign word = d;
endmodule
