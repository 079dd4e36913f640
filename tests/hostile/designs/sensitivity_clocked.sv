// A clocked design whose outputs follow its inputs at once; rs2 is missing in a sensitivity list.
module register_file(input clk, input write, input [4:0] rd, input [31:0] rd_data,
                     input [4:0] rs1, input [4:0] rs2,
                     output reg [31:0] rs1_data, output reg [31:0] rs2_data);
  reg [31:0] registers [0:31]; integer writes = 0;
  initial registers[0] = 0;
  always @(posedge clk) if (write && rd != 0) begin registers[rd] = rd_data; writes = writes + 1; end
  always @(rs1 or writes) rs1_data = registers[rs1];
  always @(rs1 or writes) rs2_data = registers[rs2];
endmodule
