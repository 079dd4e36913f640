module axis_register_slice (
    input  logic        aclk,
    input  logic        aresetn,
    input  logic        s_axis_tvalid,
    output logic        s_axis_tready,
    input  logic [31:0] s_axis_tdata,
    input  logic [ 3:0] s_axis_tkeep,
    input  logic        s_axis_tlast,
    output logic        m_axis_tvalid,
    input  logic        m_axis_tready,
    output logic [31:0] m_axis_tdata,
    output logic [ 3:0] m_axis_tkeep,
    output logic        m_axis_tlast
);
    logic [36:0] in_beat, front, back;
    logic take, give;

    assign in_beat = {s_axis_tlast, s_axis_tkeep, s_axis_tdata};
    assign {m_axis_tlast, m_axis_tkeep, m_axis_tdata} = front;
    assign take = s_axis_tvalid && s_axis_tready;
    assign give = m_axis_tvalid && m_axis_tready;

    always_ff @(posedge aclk) begin
        if (!aresetn) begin
            s_axis_tready <= 1'b1;
            m_axis_tvalid <= 1'b0;
        end else if (take && !give) begin
            m_axis_tvalid <= 1'b1;
            s_axis_tready <= !m_axis_tvalid;
        end else if (give && !take) begin
            s_axis_tready <= 1'b1;
            m_axis_tvalid <= !s_axis_tready;
        end
    end

    always_ff @(posedge aclk) begin
        if (take) back <= in_beat;
        if (give && !s_axis_tready) front <= back;
        else if (give || !m_axis_tvalid) front <= in_beat;
    end
endmodule
