module simple_alu (
    input  logic [7:0] a,
    input  logic [7:0] b,
    input  logic [2:0] op,
    output logic [7:0] y,
    output logic       carry,
    output logic       overflow,
    output logic       zero,
    output logic       negative
);
    logic [8:0] sum, difference;
    logic sum_overflow, difference_overflow;

    assign sum = {1'b0, a} + {1'b0, b};
    assign difference = {1'b0, a} - {1'b0, b};
    assign sum_overflow = (a[7] == b[7]) && (sum[7] != a[7]);
    assign difference_overflow = (a[7] != b[7]) && (difference[7] != a[7]);

    always_comb begin
        carry = 1'b0;
        overflow = 1'b0;
        case (op)
            3'd0: begin
                {carry, y} = sum;
                overflow = sum_overflow;
            end
            3'd1: begin
                {carry, y} = difference;
                overflow = difference_overflow;
            end
            3'd2: y = a & b;
            3'd3: y = a | b;
            3'd4: y = a ^ b;
            3'd5: {carry, y} = {a, 1'b0};
            3'd6: {y, carry} = {1'b0, a};
            default: y = {7'd0, $signed(a) < $signed(b)};
        endcase
    end

    assign zero = (y == 8'd0);
    assign negative = y[7];
endmodule
