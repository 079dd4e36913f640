module pipelined_multiplier (
    input  logic        clk,
    input  logic        rst_n,
    input  logic        stall,
    input  logic        in_valid,
    input  logic        in_signed,
    input  logic [15:0] a,
    input  logic [15:0] b,
    output logic        out_valid,
    output logic [31:0] product
);
    logic signed [16:0] a1, b1;
    logic signed [33:0] full, p2;
    logic valid1, valid2;

    assign full = a1 * b1;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            valid1    <= 1'b0;
            valid2    <= 1'b0;
            out_valid <= 1'b0;
        end else if (!stall) begin
            valid1    <= in_valid;
            valid2    <= valid1;
            out_valid <= valid2;
        end
    end

    always_ff @(posedge clk) begin
        if (!stall) begin
            a1      <= {in_signed & a[15], a};
            b1      <= {in_signed & b[15], b};
            p2      <= full;
            product <= p2[31:0];
        end
    end
endmodule
