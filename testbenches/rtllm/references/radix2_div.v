// The published reference fails its own bench on Icarus Verilog 12 (hkust-zhiyao/RTLLM #20).
module radix2_div (
    input         clk,
    input         rst,
    input  [ 7:0] dividend,
    input  [ 7:0] divisor,
    input         sign,
    input         opn_valid,
    output reg    res_valid,
    input         res_ready,
    output [15:0] result
);
    reg [ 7:0] remainder, quotient, magnitude;
    reg        negate_quotient, negate_remainder, busy;
    reg [ 2:0] step;

    wire [8:0] shifted = {remainder, quotient[7]};
    wire       fits = shifted >= {1'b0, magnitude};
    wire [8:0] next = fits ? shifted - {1'b0, magnitude} : shifted;

    assign result = {negate_remainder ? -remainder : remainder, negate_quotient ? -quotient : quotient};

    always @(posedge clk) begin
        if (rst) begin
            busy <= 1'b0;
            res_valid <= 1'b0;
        end else if (busy) begin
            remainder <= next[7:0];
            quotient <= {quotient[6:0], fits};
            step <= step + 3'd1;
            if (step == 3'd7) begin
                busy <= 1'b0;
                res_valid <= 1'b1;
            end
        end else if (res_valid) begin
            if (res_ready) res_valid <= 1'b0;
        end else if (opn_valid) begin
            busy <= 1'b1;
            step <= 3'd0;
            remainder <= 8'd0;
            quotient <= sign && dividend[7] ? -dividend : dividend;
            magnitude <= sign && divisor[7] ? -divisor : divisor;
            negate_quotient <= sign && (dividend[7] != divisor[7]);
            negate_remainder <= sign && dividend[7];
        end
    end
endmodule
