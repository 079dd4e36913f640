module priority_encoder (
    input  logic [15:0] request,
    input  logic [15:0] mask,
    output logic        valid,
    output logic [ 3:0] index,
    output logic [15:0] grant
);
    logic [15:0] enabled;

    assign enabled = request & ~mask;
    assign valid = (enabled != 16'd0);
    assign grant = enabled & (~enabled + 16'd1);

    always_comb begin
        index = 4'd0;
        for (int k = 15; k >= 0; k--)
            if (enabled[k]) index = 4'(k);
    end
endmodule
