module async_fifo #(
    parameter int WIDTH = 8,
    parameter int DEPTH_BITS = 3
) (
    input  logic             rst_n,
    input  logic             wr_clk,
    input  logic             wr_en,
    input  logic [WIDTH-1:0] wr_data,
    output logic             full,
    input  logic             rd_clk,
    input  logic             rd_en,
    output logic [WIDTH-1:0] rd_data,
    output logic             empty
);
    localparam int PW = DEPTH_BITS + 1;

    logic [WIDTH-1:0] mem[0:(1<<DEPTH_BITS)-1];
    logic [PW-1:0] wr_ptr, wr_gray, wr_gray_1, wr_gray_2;
    logic [PW-1:0] rd_ptr, rd_gray, rd_gray_1, rd_gray_2;
    logic [PW-1:0] wr_next, rd_next;

    assign wr_next = wr_ptr + PW'(1);
    assign rd_next = rd_ptr + PW'(1);
    assign full = (wr_gray == {~rd_gray_2[PW-1:PW-2], rd_gray_2[PW-3:0]});
    assign empty = (rd_gray == wr_gray_2);
    assign rd_data = mem[rd_ptr[DEPTH_BITS-1:0]];

    always_ff @(posedge wr_clk) begin
        if (wr_en && !full) mem[wr_ptr[DEPTH_BITS-1:0]] <= wr_data;
    end

    always_ff @(posedge wr_clk or negedge rst_n) begin
        if (!rst_n) begin
            wr_ptr <= '0;
            wr_gray <= '0;
            {rd_gray_2, rd_gray_1} <= '0;
        end else begin
            {rd_gray_2, rd_gray_1} <= {rd_gray_1, rd_gray};
            if (wr_en && !full) begin
                wr_ptr  <= wr_next;
                wr_gray <= wr_next ^ (wr_next >> 1);
            end
        end
    end

    always_ff @(posedge rd_clk or negedge rst_n) begin
        if (!rst_n) begin
            rd_ptr <= '0;
            rd_gray <= '0;
            {wr_gray_2, wr_gray_1} <= '0;
        end else begin
            {wr_gray_2, wr_gray_1} <= {wr_gray_1, wr_gray};
            if (rd_en && !empty) begin
                rd_ptr  <= rd_next;
                rd_gray <= rd_next ^ (rd_next >> 1);
            end
        end
    end
endmodule
