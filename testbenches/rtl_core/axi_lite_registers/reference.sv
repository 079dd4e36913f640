module axi_lite_registers (
    input  logic        aclk,
    input  logic        aresetn,
    input  logic        s_axi_awvalid,
    output logic        s_axi_awready,
    input  logic [ 5:0] s_axi_awaddr,
    input  logic        s_axi_wvalid,
    output logic        s_axi_wready,
    input  logic [31:0] s_axi_wdata,
    input  logic [ 3:0] s_axi_wstrb,
    output logic        s_axi_bvalid,
    input  logic        s_axi_bready,
    output logic [ 1:0] s_axi_bresp,
    input  logic        s_axi_arvalid,
    output logic        s_axi_arready,
    input  logic [ 5:0] s_axi_araddr,
    output logic        s_axi_rvalid,
    input  logic        s_axi_rready,
    output logic [31:0] s_axi_rdata,
    output logic [ 1:0] s_axi_rresp,
    input  logic [ 7:0] events,
    output logic [31:0] control,
    output logic        irq
);
    localparam logic [3:0] CONTROL = 4'd0, FLAGS = 4'd1, SCRATCH = 4'd2, IDENT = 4'd3;
    localparam logic [1:0] OKAY = 2'b00, SLVERR = 2'b10;

    logic [31:0] scratch, data, mask;
    logic [7:0] flags, cleared;
    logic [3:0] address, strobe;
    logic have_address, have_data, write;

    assign s_axi_awready = !have_address;
    assign s_axi_wready = !have_data;
    assign s_axi_arready = !s_axi_rvalid;
    assign write = have_address && have_data && !s_axi_bvalid;
    assign mask = {{8{strobe[3]}}, {8{strobe[2]}}, {8{strobe[1]}}, {8{strobe[0]}}};
    assign cleared = (write && address == FLAGS) ? data[7:0] & mask[7:0] : 8'd0;
    assign irq = (flags & control[7:0]) != 8'd0;

    always_ff @(posedge aclk) begin
        if (!aresetn) begin
            have_address <= 1'b0;
            have_data <= 1'b0;
            s_axi_bvalid <= 1'b0;
            control <= 32'd0;
            scratch <= 32'hcafe_0000;
            flags <= 8'd0;
        end else begin
            if (s_axi_awvalid && s_axi_awready) begin
                have_address <= 1'b1;
                address <= s_axi_awaddr[5:2];
            end
            if (s_axi_wvalid && s_axi_wready) begin
                have_data <= 1'b1;
                data <= s_axi_wdata;
                strobe <= s_axi_wstrb;
            end
            if (write) begin
                s_axi_bvalid <= 1'b1;
                s_axi_bresp <= (address < IDENT) ? OKAY : SLVERR;
                if (address == CONTROL) control <= (control & ~mask) | (data & mask);
                if (address == SCRATCH) scratch <= (scratch & ~mask) | (data & mask);
            end
            if (s_axi_bvalid && s_axi_bready) begin
                s_axi_bvalid <= 1'b0;
                have_address <= 1'b0;
                have_data <= 1'b0;
            end
            flags <= (flags & ~cleared) | events;
        end
    end

    always_ff @(posedge aclk) begin
        if (!aresetn) begin
            s_axi_rvalid <= 1'b0;
        end else if (s_axi_rvalid) begin
            if (s_axi_rready) s_axi_rvalid <= 1'b0;
        end else if (s_axi_arvalid) begin
            s_axi_rvalid <= 1'b1;
            s_axi_rresp <= OKAY;
            case (s_axi_araddr[5:2])
                CONTROL: s_axi_rdata <= control;
                FLAGS: s_axi_rdata <= {24'd0, flags};
                SCRATCH: s_axi_rdata <= scratch;
                IDENT: s_axi_rdata <= 32'h5254_4c01;
                default: begin
                    s_axi_rdata <= 32'd0;
                    s_axi_rresp <= SLVERR;
                end
            endcase
        end
    end
endmodule
