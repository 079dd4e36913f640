module barrel_shifter #(
    parameter int WIDTH = 16
) (
    input  logic [        WIDTH-1:0] data,
    input  logic [$clog2(WIDTH)-1:0] amount,
    input  logic [              1:0] op,
    output logic [        WIDTH-1:0] result
);
    logic [2*WIDTH-1:0] wide;
    logic sign;

    assign sign = data[WIDTH-1];

    always_comb begin
        case (op)
            2'd1: wide = {{WIDTH{1'b0}}, data};
            2'd2: wide = {{WIDTH{sign}}, data};
            default: wide = {data, data};
        endcase
        if (op == 2'd0) result = data << amount;
        else result = WIDTH'(wide >> amount);
    end
endmodule
