module saturating_adder (
    input  logic signed [11:0] a,
    input  logic signed [11:0] b,
    input  logic               subtract,
    output logic        [11:0] result,
    output logic               saturated
);
    logic signed [12:0] wide;

    assign wide = subtract ? a - b : a + b;
    assign saturated = wide[12] ^ wide[11];

    assign result = !saturated ? wide[11:0] : wide[12] ? 12'h800 : 12'h7ff;
endmodule
