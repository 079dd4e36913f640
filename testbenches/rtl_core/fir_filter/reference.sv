module fir_filter (
    input  logic        clk,
    input  logic        rst,
    input  logic        clear,
    input  logic        in_valid,
    input  logic [ 7:0] sample,
    output logic        out_valid,
    output logic [11:0] result
);
    logic signed [11:0] x0, x1, x2, x3, x4;
    logic signed [ 7:0] s1, s2, s3, s4;

    assign x0 = $signed(sample);
    assign x1 = clear ? 12'sd0 : s1;
    assign x2 = clear ? 12'sd0 : s2;
    assign x3 = clear ? 12'sd0 : s3;
    assign x4 = clear ? 12'sd0 : s4;

    always_ff @(posedge clk) begin
        if (rst) begin
            {s1, s2, s3, s4} <= 32'd0;
            out_valid <= 1'b0;
            result <= 12'd0;
        end else begin
            out_valid <= in_valid;
            if (in_valid) begin
                s1 <= x0[7:0];
                s2 <= x1[7:0];
                s3 <= x2[7:0];
                s4 <= x3[7:0];
                result <= 12'sd3 * (x1 + x3) + 12'sd7 * x2 - x0 - x4;
            end else if (clear) begin
                {s1, s2, s3, s4} <= 32'd0;
            end
        end
    end
endmodule
