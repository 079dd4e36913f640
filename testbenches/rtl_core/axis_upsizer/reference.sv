module axis_upsizer (
    input  logic        aclk,
    input  logic        aresetn,
    input  logic        s_axis_tvalid,
    output logic        s_axis_tready,
    input  logic [ 7:0] s_axis_tdata,
    input  logic        s_axis_tlast,
    output logic        m_axis_tvalid,
    input  logic        m_axis_tready,
    output logic [31:0] m_axis_tdata,
    output logic [ 3:0] m_axis_tkeep,
    output logic        m_axis_tlast
);
    logic [1:0] place;
    logic take;

    assign s_axis_tready = !m_axis_tvalid || m_axis_tready;
    assign take = s_axis_tvalid && s_axis_tready;

    always_ff @(posedge aclk) begin
        if (!aresetn) begin
            place <= 2'd0;
            m_axis_tvalid <= 1'b0;
        end else if (take) begin
            if (place == 2'd0) begin
                m_axis_tdata <= {24'd0, s_axis_tdata};
                m_axis_tkeep <= 4'b0001;
            end else begin
                m_axis_tdata[8*place+:8] <= s_axis_tdata;
                m_axis_tkeep[place] <= 1'b1;
            end
            m_axis_tlast <= s_axis_tlast;
            m_axis_tvalid <= (place == 2'd3) || s_axis_tlast;
            place <= s_axis_tlast ? 2'd0 : place + 2'd1;
        end else if (m_axis_tready) begin
            m_axis_tvalid <= 1'b0;
        end
    end
endmodule
