module fixed_point_mac (
    input  logic               clk,
    input  logic               rst,
    input  logic               valid,
    input  logic               first,
    input  logic signed [15:0] a,
    input  logic signed [15:0] b,
    output logic        [35:0] sum,
    output logic        [15:0] result,
    output logic               saturated
);
    logic signed [31:0] product;
    logic signed [36:0] rounded;

    assign product = a * b;

    always_ff @(posedge clk) begin
        if (rst) sum <= 36'd0;
        else if (valid) sum <= (first ? 36'd0 : sum) + {{4{product[31]}}, product};
    end

    assign rounded   = {sum[35], sum} + 37'd16384;
    assign saturated = (rounded[36:30] != 7'h00) && (rounded[36:30] != 7'h7f);
    assign result    = !saturated ? rounded[30:15] : rounded[36] ? 16'h8000 : 16'h7fff;
endmodule
