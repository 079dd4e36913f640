`default_nettype none
module uart_tx #(parameter CLOCKS = 4) (
    input  wire       clk,
    input  wire       rst,
    input  wire [7:0] data,
    input  wire       valid,
    output wire       ready,
    output reg        txd
);
  reg [3:0] bits;
  reg [9:0] frame;
  reg [7:0] wait_count;
  assign ready = bits == 0 && wait_count == 0;
  always @(posedge clk)
    if (rst) begin
      bits <= 0;
      txd <= 1;
      wait_count <= 0;
    end else if (wait_count != 0) wait_count <= wait_count - 1;
    else if (bits != 0) begin
      {frame[8:0], txd} <= frame;
      bits <= bits - 1;
      wait_count <= CLOCKS - 1;
    end else begin
      txd <= 1;
      if (valid) begin
        frame <= {1'b1, data, 1'b0};
        bits <= 10;
      end
    end
endmodule
