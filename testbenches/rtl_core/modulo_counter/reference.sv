module modulo_counter (
    input  logic       clk,
    input  logic       rst,
    input  logic       enable,
    input  logic       up,
    input  logic       load,
    input  logic [7:0] load_value,
    input  logic [7:0] limit,
    output logic [7:0] count,
    output logic       wrapped
);
    logic       at_end;
    logic [7:0] next;

    always_comb begin
        if (up) begin
            at_end = (count >= limit);
            next   = at_end ? 8'd0 : count + 8'd1;
        end else begin
            at_end = (count == 8'd0) || (count > limit);
            next   = at_end ? limit : count - 8'd1;
        end
    end

    always_ff @(posedge clk) begin
        wrapped <= 1'b0;
        if (rst) begin
            count <= 8'd0;
        end else if (load) begin
            count <= load_value;
        end else if (enable) begin
            count   <= next;
            wrapped <= at_end;
        end
    end
endmodule
