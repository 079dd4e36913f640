module register_file (
    input  logic        clk,
    input  logic        write,
    input  logic [ 4:0] rd,
    input  logic [31:0] rd_data,
    input  logic [ 4:0] rs1,
    output logic [31:0] rs1_data,
    input  logic [ 4:0] rs2,
    output logic [31:0] rs2_data
);
    logic [31:0] registers[1:31];

    always_ff @(posedge clk) begin
        if (write && rd != 5'd0) registers[rd] <= rd_data;
    end

    assign rs1_data = (rs1 == 5'd0) ? 32'd0 : registers[rs1];
    assign rs2_data = (rs2 == 5'd0) ? 32'd0 : registers[rs2];
endmodule
