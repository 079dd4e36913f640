module skid_buffer #(
    parameter int WIDTH = 8
) (
    input  logic             clk,
    input  logic             rst,
    input  logic             in_valid,
    output logic             in_ready,
    input  logic [WIDTH-1:0] in_data,
    output logic             out_valid,
    input  logic             out_ready,
    output logic [WIDTH-1:0] out_data
);
    logic [WIDTH-1:0] stored;

    always_ff @(posedge clk) begin
        if (rst) in_ready <= 1'b1;
        else if (out_ready) in_ready <= 1'b1;
        else if (in_valid) in_ready <= 1'b0;
    end

    always_ff @(posedge clk) begin
        if (in_ready) stored <= in_data;
    end

    assign out_valid = in_valid || !in_ready;
    assign out_data  = in_ready ? in_data : stored;
endmodule
