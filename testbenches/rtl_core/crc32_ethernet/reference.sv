module crc32_ethernet (
    input  logic        clk,
    input  logic        rst,
    input  logic        start,
    input  logic        valid,
    input  logic [ 7:0] data,
    output logic [31:0] crc
);
    logic [31:0] state, base, next;

    assign base = start ? 32'hffff_ffff : state;

    always_comb begin
        next = base ^ {24'd0, data};
        for (int k = 0; k < 8; k++) next = (next >> 1) ^ ((next & 32'd1) * 32'hedb8_8320);
    end

    always_ff @(posedge clk) begin
        if (rst) state <= 32'hffff_ffff;
        else if (valid) state <= next;
        else state <= base;
    end

    assign crc = ~state;
endmodule
