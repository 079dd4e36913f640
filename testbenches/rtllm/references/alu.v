// The published reference leaves carry, negative and overflow undriven.
module alu (
    input  [31:0] a,
    input  [31:0] b,
    input  [ 5:0] aluc,
    output reg [31:0] r,
    output zero,
    output carry,
    output negative,
    output overflow,
    output flag
);
    localparam ADD = 6'b100000, ADDU = 6'b100001, SUB = 6'b100010, SUBU = 6'b100011;
    localparam AND = 6'b100100, OR = 6'b100101, XOR = 6'b100110, NOR = 6'b100111;
    localparam SLT = 6'b101010, SLTU = 6'b101011;
    localparam SLL = 6'b000000, SRL = 6'b000010, SRA = 6'b000011;
    localparam SLLV = 6'b000100, SRLV = 6'b000110, SRAV = 6'b000111, LUI = 6'b001111;

    wire [32:0] sum = {1'b0, a} + {1'b0, b};
    wire [31:0] difference = a - b;
    wire less = $signed(a) < $signed(b);
    wire below = a < b;

    assign zero = r == 32'd0;
    assign negative = r[31];
    assign carry = aluc == ADDU ? sum[32] : aluc == SUBU ? below : 1'b0;
    assign overflow = aluc == ADD ? (a[31] == b[31]) && (sum[31] != a[31]) :
                      aluc == SUB ? (a[31] != b[31]) && (difference[31] != a[31]) : 1'b0;
    assign flag = aluc == SLT ? less : aluc == SLTU ? below : 1'bz;

    always @* begin
        case (aluc)
            ADD, ADDU:  r = sum[31:0];
            SUB, SUBU:  r = difference;
            AND:        r = a & b;
            OR:         r = a | b;
            XOR:        r = a ^ b;
            NOR:        r = ~(a | b);
            SLT:        r = {31'd0, less};
            SLTU:       r = {31'd0, below};
            SLL, SLLV:  r = b << a[4:0];
            SRL, SRLV:  r = b >> a[4:0];
            SRA, SRAV:  r = $signed(b) >>> a[4:0];
            LUI:        r = {a[15:0], 16'd0};
            default:    r = 32'bz;
        endcase
    end
endmodule
