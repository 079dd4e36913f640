module covered_fifo (input clk, input rst_n, input wr, input rd, input [7:0] din,
                     output [7:0] dout, output full, output empty, output overflow);
  reg [7:0] words [0:3];
  reg [2:0] first, last;
  reg lost;
  assign empty = first == last;
  assign full = first[1:0] == last[1:0] && !empty;
  assign dout = words[first[1:0]];
  assign overflow = lost;
  always @(posedge clk or negedge rst_n)
    if (!rst_n) begin
      first <= 0;
      last <= 0;
      lost <= 0;
    end else begin
      lost <= wr && full;
      if (wr && !full) begin
        words[last[1:0]] <= din;
        last <= last + 1;
      end
      if (rd && !empty) first <= first + 1;
    end
endmodule
