module uart_tx #(
    parameter int CLKS_PER_BIT = 4
) (
    input  logic       clk,
    input  logic       rst,
    input  logic       valid,
    input  logic [7:0] data,
    input  logic [1:0] parity,
    output logic       ready,
    output logic       txd
);
    localparam int CW = $clog2(CLKS_PER_BIT);

    logic [10:0] line;
    logic [ 3:0] bits;
    logic [CW-1:0] clocks;

    assign ready = (bits == 4'd0);
    assign txd   = line[0];

    always_ff @(posedge clk) begin
        if (rst) begin
            line <= '1;
            bits <= 4'd0;
        end else if (ready) begin
            if (valid) begin
                clocks <= '0;
                if (parity == 2'd1 || parity == 2'd2) begin
                    line <= {1'b1, ^data ^ (parity == 2'd1), data, 1'b0};
                    bits <= 4'd11;
                end else begin
                    line <= {2'b11, data, 1'b0};
                    bits <= 4'd10;
                end
            end
        end else if (clocks == CW'(CLKS_PER_BIT - 1)) begin
            clocks <= '0;
            line <= {1'b1, line[10:1]};
            bits <= bits - 4'd1;
        end else begin
            clocks <= clocks + 1'b1;
        end
    end
endmodule
