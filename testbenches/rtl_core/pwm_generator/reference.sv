module pwm_generator (
    input  logic       clk,
    input  logic       rst,
    input  logic       enable,
    input  logic [7:0] period,
    input  logic [7:0] duty,
    output logic       pwm,
    output logic       cycle_start
);
    logic running;
    logic [7:0] n, last, high;

    always_ff @(posedge clk) begin
        if (rst || !enable) begin
            running <= 1'b0;
        end else if (!running || n == last) begin
            running <= 1'b1;
            n <= 8'd0;
            last <= period;
            high <= duty;
        end else begin
            n <= n + 8'd1;
        end
    end

    assign pwm = running && (n < high);
    assign cycle_start = running && (n == 8'd0);
endmodule
