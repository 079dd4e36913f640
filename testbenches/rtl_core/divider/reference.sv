module divider #(
    parameter int WIDTH = 16
) (
    input  logic             clk,
    input  logic             rst,
    input  logic             start,
    input  logic             is_signed,
    input  logic [WIDTH-1:0] dividend,
    input  logic [WIDTH-1:0] divisor,
    output logic             busy,
    output logic             done,
    output logic [WIDTH-1:0] quotient,
    output logic [WIDTH-1:0] remainder
);
    localparam int CW = $clog2(WIDTH);

    // quotient and remainder are shifted left as one register while a division is under way.
    logic [WIDTH-1:0] magnitude;
    logic negate_quotient, negate_remainder;
    logic [CW-1:0] count;

    logic dividend_negative, divisor_negative;
    logic [WIDTH:0] shifted, difference;
    logic [WIDTH-1:0] next_quotient, next_remainder;

    assign dividend_negative = is_signed && dividend[WIDTH-1];
    assign divisor_negative = is_signed && divisor[WIDTH-1];
    assign shifted = {remainder, quotient[WIDTH-1]};
    assign difference = shifted - {1'b0, magnitude};
    assign next_quotient = {quotient[WIDTH-2:0], !difference[WIDTH]};
    assign next_remainder = difference[WIDTH] ? shifted[WIDTH-1:0] : difference[WIDTH-1:0];

    always_ff @(posedge clk) begin
        done <= 1'b0;
        if (rst) begin
            busy <= 1'b0;
        end else if (!busy) begin
            if (start) begin
                busy <= 1'b1;
                count <= '0;
                quotient <= dividend_negative ? -dividend : dividend;
                remainder <= '0;
                magnitude <= divisor_negative ? -divisor : divisor;
                negate_quotient <= (dividend_negative != divisor_negative) && (divisor != '0);
                negate_remainder <= dividend_negative;
            end
        end else begin
            count <= count + 1'b1;
            quotient <= next_quotient;
            remainder <= next_remainder;
            if (count == CW'(WIDTH - 1)) begin
                busy <= 1'b0;
                done <= 1'b1;
                if (negate_quotient) quotient <= -next_quotient;
                if (negate_remainder) remainder <= -next_remainder;
            end
        end
    end
endmodule
