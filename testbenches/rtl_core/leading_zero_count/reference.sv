module leading_zero_count (
    input  logic [31:0] data,
    output logic [ 5:0] count,
    output logic        zero
);
    always_comb begin
        count = 6'd32;
        for (int k = 0; k < 32; k++)
            if (data[k]) count = 6'd31 - 6'(k);
    end

    assign zero = (data == 32'd0);
endmodule
