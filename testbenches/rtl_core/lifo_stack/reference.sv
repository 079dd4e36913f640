module lifo_stack (
    input  logic       clk,
    input  logic       rst,
    input  logic       push,
    input  logic       pop,
    input  logic [7:0] data,
    output logic [7:0] top,
    output logic [3:0] count,
    output logic       empty,
    output logic       full,
    output logic       error
);
    logic [7:0] bytes[0:7];
    logic [3:0] below;

    assign empty = (count == 4'd0);
    assign full  = (count == 4'd8);
    assign below = count - 4'd1;
    assign top   = empty ? 8'd0 : bytes[below[2:0]];

    always_ff @(posedge clk) begin
        if (rst) begin
            count <= 4'd0;
            error <= 1'b0;
        end else if (push && pop && !empty) begin
            bytes[below[2:0]] <= data;
        end else if (push) begin
            if (full) begin
                error <= 1'b1;
            end else begin
                bytes[count[2:0]] <= data;
                count <= count + 4'd1;
            end
        end else if (pop) begin
            if (empty) error <= 1'b1;
            else count <= below;
        end
    end
endmodule
