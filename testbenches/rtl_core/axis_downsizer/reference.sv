module axis_downsizer (
    input  logic        aclk,
    input  logic        aresetn,
    input  logic        s_axis_tvalid,
    output logic        s_axis_tready,
    input  logic [31:0] s_axis_tdata,
    input  logic [ 3:0] s_axis_tkeep,
    input  logic        s_axis_tlast,
    output logic        m_axis_tvalid,
    input  logic        m_axis_tready,
    output logic [ 7:0] m_axis_tdata,
    output logic        m_axis_tlast
);
    logic [31:0] data;
    logic [ 3:0] left;
    logic [ 3:0] rest;
    logic last;
    logic [1:0] place;

    always_comb begin
        place = 2'd0;
        for (int k = 3; k >= 0; k--) if (left[k]) place = 2'(k);
    end

    assign rest = left & (left - 4'd1);
    assign m_axis_tvalid = (left != 4'd0);
    assign m_axis_tdata = data[8*place+:8];
    assign m_axis_tlast = last && (rest == 4'd0);
    assign s_axis_tready = !m_axis_tvalid || (m_axis_tready && rest == 4'd0);

    always_ff @(posedge aclk) begin
        if (!aresetn) begin
            left <= 4'd0;
        end else if (s_axis_tready) begin
            left <= s_axis_tvalid ? s_axis_tkeep : 4'd0;
            data <= s_axis_tdata;
            last <= s_axis_tlast;
        end else if (m_axis_tready) begin
            left <= rest;
        end
    end
endmodule
