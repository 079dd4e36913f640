module round_robin_arbiter (
    input  logic       clk,
    input  logic       rst,
    input  logic [4:0] request,
    output logic [4:0] grant,
    output logic [2:0] index,
    output logic       busy
);
    logic [2:0] winner;
    logic [3:0] k;

    always_comb begin
        winner = index;
        k = 4'd0;
        for (int distance = 5; distance >= 1; distance--) begin
            k = {1'b0, index} + 4'(distance);
            if (k >= 4'd5) k = k - 4'd5;
            if (request[k]) winner = 3'(k);
        end
    end

    always_ff @(posedge clk) begin
        if (rst) begin
            grant <= 5'd0;
            index <= 3'd4;
            busy  <= 1'b0;
        end else if ((grant & request) == 5'd0) begin
            if (request != 5'd0) begin
                grant <= 5'd1 << winner;
                index <= winner;
                busy  <= 1'b1;
            end else begin
                grant <= 5'd0;
                busy  <= 1'b0;
            end
        end
    end
endmodule
