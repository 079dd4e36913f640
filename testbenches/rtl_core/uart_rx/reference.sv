module uart_rx #(
    parameter int CLKS_PER_BIT = 16
) (
    input  logic       clk,
    input  logic       rst,
    input  logic       rxd,
    output logic [7:0] data,
    output logic       valid,
    output logic       frame_error
);
    localparam int CW = $clog2(CLKS_PER_BIT);
    localparam logic [1:0] IDLE = 2'd0, START = 2'd1, BITS = 2'd2, RECOVER = 2'd3;

    logic first, line;
    logic [1:0] state;
    logic [CW-1:0] clocks;
    logic [3:0] bits;
    logic [7:0] shift;

    always_ff @(posedge clk)
        if (rst) {line, first} <= 2'b11;
        else {line, first} <= {first, rxd};

    always_ff @(posedge clk) begin
        valid <= 1'b0;
        frame_error <= 1'b0;
        if (rst) begin
            state <= IDLE;
            data  <= 8'd0;
        end else begin
            clocks <= clocks + 1'b1;
            case (state)
                IDLE: begin
                    clocks <= '0;
                    if (!line) state <= START;
                end
                START:
                    if (clocks == CW'(CLKS_PER_BIT / 2 - 1)) begin
                        clocks <= '0;
                        bits   <= 4'd0;
                        state  <= line ? IDLE : BITS;
                    end
                BITS:
                    if (clocks == CW'(CLKS_PER_BIT - 1)) begin
                        clocks <= '0;
                        bits   <= bits + 4'd1;
                        shift  <= {line, shift[7:1]};
                        if (bits == 4'd8) begin
                            valid <= line;
                            frame_error <= !line;
                            state <= line ? IDLE : RECOVER;
                            if (line) data <= shift;
                        end
                    end
                RECOVER: if (line) state <= IDLE;
            endcase
        end
    end
endmodule
