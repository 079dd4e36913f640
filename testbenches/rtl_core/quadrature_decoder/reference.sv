module quadrature_decoder (
    input  logic       clk,
    input  logic       rst_n,
    input  logic       a,
    input  logic       b,
    input  logic       clear,
    output logic [7:0] position,
    output logic       forward,
    output logic       error
);
    logic last_a, last_b;
    logic step, up;

    assign step = (a ^ last_a) != (b ^ last_b);
    assign up   = a ^ last_b;

    always_ff @(posedge clk) begin
        last_a <= a;
        last_b <= b;
        if (!rst_n) begin
            position <= 8'd0;
            forward  <= 1'b1;
            error    <= 1'b0;
        end else begin
            if (step) forward <= up;
            if (a != last_a && b != last_b) error <= 1'b1;
            if (clear) position <= 8'd0;
            else if (step) position <= up ? position + 8'd1 : position - 8'd1;
        end
    end
endmodule
