module crc #(
    parameter W = 8,
    parameter logic [W-1:0] POLY = 8'h07,
    parameter logic [W-1:0] INIT = '0,
    parameter REFLECT = 0,
    parameter NAME = "crc"
) (
    input  logic         clk,
    input  logic         rst,
    input  logic [7:0]   data,
    input  logic         valid,
    output logic [W-1:0] sum
);
  logic [W-1:0] next;
  integer k;
  always @(*) begin
    next = sum;
    for (k = 0; k < 8; k = k + 1)
      if (REFLECT) next = (next >> 1) ^ ((next[0] ^ data[k]) ? POLY : {W{1'b0}});
      else next = (next << 1) ^ ((next[W-1] ^ data[7-k]) ? POLY : {W{1'b0}});
  end
  always @(posedge clk) sum <= rst ? INIT : valid ? next : sum;
endmodule
