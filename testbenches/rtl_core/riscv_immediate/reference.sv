module riscv_immediate (
    input  logic [31:0] instruction,
    output logic [ 2:0] format,
    output logic [31:0] immediate,
    output logic        illegal
);
    logic [ 6:0] opcode;
    logic [31:0] i_type, s_type, b_type, u_type, j_type;

    assign opcode = instruction[6:0];
    assign i_type = {{20{instruction[31]}}, instruction[31:20]};
    assign s_type = {{20{instruction[31]}}, instruction[31:25], instruction[11:7]};
    assign b_type = {
        {20{instruction[31]}}, instruction[7], instruction[30:25], instruction[11:8], 1'b0
    };
    assign u_type = {instruction[31:12], 12'd0};
    assign j_type = {
        {12{instruction[31]}}, instruction[19:12], instruction[20], instruction[30:21], 1'b0
    };

    always_comb begin
        case (opcode)
            7'b0110011: format = 3'd0;
            7'b0010011, 7'b0000011, 7'b1100111, 7'b1110011, 7'b0001111: format = 3'd1;
            7'b0100011: format = 3'd2;
            7'b1100011: format = 3'd3;
            7'b0110111, 7'b0010111: format = 3'd4;
            7'b1101111: format = 3'd5;
            default: format = 3'd7;
        endcase
    end

    always_comb begin
        case (format)
            3'd1: immediate = i_type;
            3'd2: immediate = s_type;
            3'd3: immediate = b_type;
            3'd4: immediate = u_type;
            3'd5: immediate = j_type;
            default: immediate = 32'd0;
        endcase
    end

    assign illegal = (format == 3'd7);
endmodule
