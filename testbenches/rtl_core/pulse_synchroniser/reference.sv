module pulse_synchroniser (
    input  logic rst_n,
    input  logic src_clk,
    input  logic src_pulse,
    output logic src_busy,
    input  logic dst_clk,
    output logic dst_pulse
);
    logic request, acknowledge1, acknowledge;
    logic seen1, seen2, seen3;

    assign src_busy = (request != acknowledge);

    always_ff @(posedge src_clk or negedge rst_n) begin
        if (!rst_n) begin
            request <= 1'b0;
            {acknowledge, acknowledge1} <= 2'b00;
        end else begin
            if (src_pulse && !src_busy) request <= !request;
            {acknowledge, acknowledge1} <= {acknowledge1, seen3};
        end
    end

    always_ff @(posedge dst_clk or negedge rst_n) begin
        if (!rst_n) begin
            {seen3, seen2, seen1} <= 3'b000;
            dst_pulse <= 1'b0;
        end else begin
            {seen3, seen2, seen1} <= {seen2, seen1, request};
            dst_pulse <= (seen3 != seen2);
        end
    end
endmodule
