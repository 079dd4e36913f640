module triple_voter (
    input  logic [7:0] a,
    input  logic [7:0] b,
    input  logic [7:0] c,
    input  logic [2:0] enabled,
    output logic [7:0] y,
    output logic [2:0] disagree,
    output logic       parity
);
    always_comb begin
        case (enabled)
            3'b001: y = a;
            3'b010: y = b;
            3'b100: y = c;
            3'b011: y = a & b;
            3'b101: y = a & c;
            3'b110: y = b & c;
            3'b111: y = (a & b) | (a & c) | (b & c);
            default: y = 8'd0;
        endcase
    end

    assign disagree = enabled & {c != y, b != y, a != y};
    assign parity = ~^y;
endmodule
