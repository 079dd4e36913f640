// A transmitter and a receiver of one clock.
module uart_loop #(parameter CLOCKS = 4) (
    input  wire       clk,
    input  wire       rst,
    input  wire [7:0] data,
    input  wire       valid,
    output wire       ready,
    output reg  [7:0] received,
    output reg        strobe
);
  wire line;
  reg [3:0] bits = 0;
  reg [7:0] wait_count = 0;
  uart_tx #(.CLOCKS(CLOCKS)) tx (
      .clk(clk), .rst(rst), .data(data), .valid(valid), .ready(ready), .txd(line));
  always @(posedge clk) begin
    strobe <= 0;
    if (rst) bits <= 0;
    else if (wait_count != 0) wait_count <= wait_count - 1;
    else if (bits == 0) begin
      if (!line) begin
        bits <= 9;
        wait_count <= CLOCKS + CLOCKS / 2 - 2;
      end
    end else begin
      bits <= bits - 1;
      wait_count <= bits > 1 ? CLOCKS - 1 : 0;
      if (bits > 1) received <= {line, received[7:1]};
      else strobe <= line;
    end
  end
endmodule
