module gray_counter #(
    parameter int WIDTH = 4
) (
    input  logic             clk,
    input  logic             rst_n,
    input  logic             enable,
    input  logic             clear,
    output logic [WIDTH-1:0] gray,
    output logic [WIDTH-1:0] binary
);
    logic [WIDTH-1:0] next;

    assign next = clear ? '0 : binary + WIDTH'(1);

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            binary <= '0;
            gray   <= '0;
        end else if (enable || clear) begin
            binary <= next;
            gray   <= next ^ (next >> 1);
        end
    end
endmodule
