module spi_controller (
    input  logic       clk,
    input  logic       rst,
    input  logic       start,
    input  logic       cpol,
    input  logic       cpha,
    input  logic [7:0] tx_data,
    output logic       busy,
    output logic       done,
    output logic [7:0] rx_data,
    output logic       cs_n,
    output logic       sclk,
    output logic       mosi,
    input  logic       miso
);
    logic [5:0] ticks;
    logic [7:0] send, received;
    logic late;
    logic change, leading, last;

    // `ticks` is the number of the latest clock edge of the transfer.
    assign change  = ticks[0] && (ticks < 6'd32);
    assign leading = (ticks[1] == 1'b0);
    assign last    = (ticks == 6'd31);

    always_ff @(posedge clk) begin
        done <= 1'b0;
        if (rst) begin
            busy <= 1'b0;
            cs_n <= 1'b1;
            sclk <= 1'b0;
            mosi <= 1'b0;
            rx_data <= 8'd0;
        end else if (!busy) begin
            if (start) begin
                busy  <= 1'b1;
                cs_n  <= 1'b0;
                sclk  <= cpol;
                late  <= cpha;
                ticks <= 6'd0;
                mosi  <= !cpha && tx_data[7];
                send  <= cpha ? tx_data : {tx_data[6:0], 1'b0};
            end
        end else if (ticks == 6'd33) begin
            busy <= 1'b0;
            cs_n <= 1'b1;
            mosi <= 1'b0;
            done <= 1'b1;
            rx_data <= received;
        end else begin
            ticks <= ticks + 6'd1;
            if (change) begin
                sclk <= !sclk;
                if (leading != late) received <= {received[6:0], miso};
                else if (!last) {mosi, send} <= {send, 1'b0};
            end
        end
    end
endmodule
