module pipelined_adder (
    input  logic        clk,
    input  logic        rst,
    input  logic        flush,
    input  logic        in_valid,
    input  logic [ 3:0] in_tag,
    input  logic [31:0] a,
    input  logic [31:0] b,
    input  logic        carry_in,
    output logic        out_valid,
    output logic [ 3:0] out_tag,
    output logic [31:0] sum,
    output logic        carry_out
);
    logic        middle_valid;
    logic [ 3:0] middle_tag;
    logic [16:0] low;
    logic [15:0] a_high, b_high;

    always_ff @(posedge clk or posedge rst) begin
        if (rst) begin
            middle_valid <= 1'b0;
            out_valid    <= 1'b0;
        end else begin
            middle_valid <= in_valid;
            out_valid    <= middle_valid && !flush;
        end
    end

    always_ff @(posedge clk) begin
        middle_tag <= in_tag;
        low        <= {1'b0, a[15:0]} + {1'b0, b[15:0]} + {16'd0, carry_in};
        a_high     <= a[31:16];
        b_high     <= b[31:16];

        out_tag          <= middle_tag;
        sum[15:0]        <= low[15:0];
        {carry_out, sum[31:16]} <= {1'b0, a_high} + {1'b0, b_high} + {16'd0, low[16]};
    end
endmodule
