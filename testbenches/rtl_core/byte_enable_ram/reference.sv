module byte_enable_ram (
    input  logic        clk,
    input  logic        enable,
    input  logic [ 3:0] write,
    input  logic [ 5:0] address,
    input  logic [31:0] write_data,
    output logic [31:0] read_data
);
    logic [31:0] memory[0:63];

    always_ff @(posedge clk) begin
        if (enable) begin
            read_data <= memory[address];
            for (int k = 0; k < 4; k++)
                if (write[k]) memory[address][8*k+:8] <= write_data[8*k+:8];
        end
    end
endmodule
