module edge_detector (
    input  logic       clk,
    input  logic       rst,
    input  logic [7:0] signal,
    output logic [7:0] rise,
    output logic [7:0] fall,
    output logic       any_edge
);
    logic [7:0] previous;

    always_ff @(posedge clk) begin
        previous <= signal;
        if (rst) begin
            rise     <= 8'd0;
            fall     <= 8'd0;
            any_edge <= 1'b0;
        end else begin
            rise     <= signal & ~previous;
            fall     <= ~signal & previous;
            any_edge <= (signal != previous);
        end
    end
endmodule
