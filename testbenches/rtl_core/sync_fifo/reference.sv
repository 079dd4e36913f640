module sync_fifo #(
    parameter int WIDTH = 8,
    parameter int DEPTH = 8
) (
    input  logic                       clk,
    input  logic                       rst,
    input  logic                       wr_en,
    input  logic [          WIDTH-1:0] wr_data,
    output logic                       full,
    input  logic                       rd_en,
    output logic [          WIDTH-1:0] rd_data,
    output logic                       empty,
    output logic [$clog2(DEPTH+1)-1:0] level
);
    localparam int AW = $clog2(DEPTH);
    localparam int LW = $clog2(DEPTH + 1);

    logic [WIDTH-1:0] mem[0:DEPTH-1];
    logic [AW-1:0] wr_ptr, rd_ptr;
    logic do_write, do_read;

    assign full = (level == LW'(DEPTH));
    assign empty = (level == '0);
    assign rd_data = mem[rd_ptr];
    assign do_write = wr_en && !full;
    assign do_read = rd_en && !empty;

    always_ff @(posedge clk) begin
        if (do_write) mem[wr_ptr] <= wr_data;
    end

    always_ff @(posedge clk) begin
        if (rst) begin
            wr_ptr <= '0;
            rd_ptr <= '0;
            level  <= '0;
        end else begin
            if (do_write) wr_ptr <= (wr_ptr == AW'(DEPTH - 1)) ? '0 : wr_ptr + 1'b1;
            if (do_read) rd_ptr <= (rd_ptr == AW'(DEPTH - 1)) ? '0 : rd_ptr + 1'b1;
            if (do_write && !do_read) level <= level + 1'b1;
            else if (do_read && !do_write) level <= level - 1'b1;
        end
    end
endmodule
