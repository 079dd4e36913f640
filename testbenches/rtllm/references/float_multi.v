// The published reference overwrites its special results four cycles later, and rounds only
// products of two and more. Subnormal numbers count as zero here.
module float_multi (
    input             clk,
    input             rst,
    input      [31:0] a,
    input      [31:0] b,
    output reg [31:0] z
);
    wire a_nan = &a[30:23] && |a[22:0], b_nan = &b[30:23] && |b[22:0];
    wire a_infinite = &a[30:23] && ~|a[22:0], b_infinite = &b[30:23] && ~|b[22:0];
    wire a_zero = ~|a[30:23], b_zero = ~|b[30:23];
    wire sign = a[31] ^ b[31];

    wire [47:0] product = {1'b1, a[22:0]} * {1'b1, b[22:0]};
    wire [47:0] normal = product[47] ? product : product << 1;
    wire up = normal[23] && (|normal[22:0] || normal[24]);
    wire signed [10:0] exponent = a[30:23] + b[30:23] - 11'sd127 + product[47];
    wire [24:0] rounded = {1'b0, normal[47:24]} + up;
    wire signed [10:0] final_exponent = exponent + rounded[24];

    always @(posedge clk) begin
        if (rst) z <= 32'd0;
        else if (a_nan || b_nan || a_infinite && b_zero || b_infinite && a_zero) z <= 32'h7fc00000;
        else if (a_infinite || b_infinite) z <= {sign, 8'hff, 23'd0};
        else if (a_zero || b_zero || final_exponent <= 0) z <= {sign, 31'd0};
        else if (final_exponent >= 255) z <= {sign, 8'hff, 23'd0};
        else z <= {sign, final_exponent[7:0], rounded[22:0]};
    end
endmodule
