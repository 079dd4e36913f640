module debouncer (
    input  logic clk,
    input  logic rst,
    input  logic noisy,
    output logic clean,
    output logic pressed,
    output logic released
);
    logic first, second;
    logic [2:0] count;

    always_ff @(posedge clk) begin
        pressed  <= 1'b0;
        released <= 1'b0;
        if (rst) begin
            first  <= 1'b0;
            second <= 1'b0;
            clean  <= 1'b0;
            count  <= 3'd0;
        end else begin
            first  <= noisy;
            second <= first;
            if (second == clean) begin
                count <= 3'd0;
            end else if (count == 3'd7) begin
                count    <= 3'd0;
                clean    <= second;
                pressed  <= second;
                released <= !second;
            end else begin
                count <= count + 3'd1;
            end
        end
    end
endmodule
