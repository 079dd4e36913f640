"""Our own designs for public rows of CVDP, written from their specifications: with storage."""

BROADCAST = """\
module axis_broadcast(input clk, input rst_n,
    input [7:0] s_axis_tdata, input s_axis_tvalid, output reg s_axis_tready,
    output [7:0] m_axis_tdata_1, output m_axis_tvalid_1, input m_axis_tready_1,
    output [7:0] m_axis_tdata_2, output m_axis_tvalid_2, input m_axis_tready_2,
    output [7:0] m_axis_tdata_3, output m_axis_tvalid_3, input m_axis_tready_3);
  reg [7:0] data, held;
  reg valid, full;
  wire ready = m_axis_tready_1 && m_axis_tready_2 && m_axis_tready_3;
  always @(posedge clk or negedge rst_n)
    if (!rst_n) {data, held, valid, full, s_axis_tready} <= 0;
    else begin
      s_axis_tready <= ready;
      if (ready) begin
        {valid, data} <= full ? {1'b1, held} : {s_axis_tvalid, s_axis_tdata};
        full <= 0;
      end else if (s_axis_tready && s_axis_tvalid) {full, held} <= {1'b1, s_axis_tdata};
    end
  assign m_axis_tdata_1 = data, m_axis_tdata_2 = data, m_axis_tdata_3 = data;
  assign m_axis_tvalid_1 = valid, m_axis_tvalid_2 = valid, m_axis_tvalid_3 = valid;
endmodule
"""
SLICER = """\
module slicer #(parameter NBW_IN = 7, NBW_TH = 7, NBW_REF = 7, NBW_OUT = 8)
    (input signed [NBW_IN-1:0] i_data, input [NBW_TH-1:0] i_threshold,
     input signed [NBW_REF-1:0] i_sample_pos, output reg signed [NBW_OUT-1:0] o_data);
  wire signed [NBW_TH:0] high = $signed(i_threshold), low = -high;
  always @*
    if (i_data >= high) o_data = i_sample_pos + high;
    else if (i_data >= 0) o_data = i_sample_pos;
    else if (i_data >= low) o_data = -i_sample_pos;
    else o_data = -i_sample_pos - high;
endmodule
"""
SLICER_TOP = """\
module slicer_top #(parameter NBW_REF = 7, NBW_TH = 7, NBW_IN = 7, NBW_OUT = 8)
    (input clk, rst_async_n, i_calc_cost, input signed [NBW_IN-1:0] i_data_i, i_data_q,
     input [NBW_TH-1:0] i_threshold, input signed [NBW_REF-1:0] i_sample_pos,
     output signed [2*NBW_OUT:0] o_energy, output reg o_cost_rdy);
  wire signed [NBW_OUT-1:0] slicer_i, slicer_q;
  reg signed [NBW_OUT-1:0] kept_i, kept_q;
  reg asked;
  slicer #(NBW_IN, NBW_TH, NBW_REF, NBW_OUT) uu_slicer_i(.i_data(i_data_i),
    .i_threshold(i_threshold), .i_sample_pos(i_sample_pos), .o_data(slicer_i));
  slicer #(NBW_IN, NBW_TH, NBW_REF, NBW_OUT) uu_slicer_q(.i_data(i_data_q),
    .i_threshold(i_threshold), .i_sample_pos(i_sample_pos), .o_data(slicer_q));
  always @(posedge clk or negedge rst_async_n)
    if (!rst_async_n) {asked, o_cost_rdy, kept_i, kept_q} <= 0;
    else begin
      {o_cost_rdy, asked} <= {asked, i_calc_cost};
      if (asked) {kept_i, kept_q} <= {slicer_i, slicer_q};
    end
  assign o_energy = kept_i * kept_i + kept_q * kept_q;
endmodule
"""
FIFO = """\
module async_fifo #(parameter p_data_width = 32, parameter p_addr_width = 16)
    (input i_wr_clk, i_wr_rst_n, i_wr_en, input [p_data_width-1:0] i_wr_data, output o_fifo_full,
     input i_rd_clk, i_rd_rst_n, i_rd_en, output [p_data_width-1:0] o_rd_data, output o_fifo_empty);
  wire [p_addr_width-1:0] write_at, read_at;
  wire [p_addr_width:0] write_gray, read_gray, write_seen, read_seen;
  read_to_write_pointer_sync #(p_addr_width) back(.i_wr_clk(i_wr_clk), .i_wr_rst_n(i_wr_rst_n),
    .i_rd_grey_addr(read_gray), .o_rd_ptr_sync(read_seen));
  write_to_read_pointer_sync #(p_addr_width) forth(.i_rd_clk(i_rd_clk), .i_rd_rst_n(i_rd_rst_n),
    .i_wr_grey_addr(write_gray), .o_wr_ptr_sync(write_seen));
  wptr_full #(p_addr_width) full(.i_wr_clk(i_wr_clk), .i_wr_rst_n(i_wr_rst_n), .i_wr_en(i_wr_en),
    .i_rd_ptr_sync(read_seen), .o_fifo_full(o_fifo_full), .o_wr_bin_addr(write_at),
    .o_wr_grey_addr(write_gray));
  rptr_empty #(p_addr_width) empty(.i_rd_clk(i_rd_clk), .i_rd_rst_n(i_rd_rst_n), .i_rd_en(i_rd_en),
    .i_wr_ptr_sync(write_seen), .o_fifo_empty(o_fifo_empty), .o_rd_bin_addr(read_at),
    .o_rd_grey_addr(read_gray));
  fifo_memory #(p_data_width, p_addr_width) memory(.i_wr_clk(i_wr_clk), .i_wr_clk_en(i_wr_en),
    .i_wr_addr(write_at), .i_wr_data(i_wr_data), .i_wr_full(o_fifo_full), .i_rd_clk(i_rd_clk),
    .i_rd_clk_en(i_rd_en), .i_rd_addr(read_at), .o_rd_data(o_rd_data));
endmodule
"""
TRIPLE_DES = """\
module des3_enc #(parameter NBW_DATA = 64, parameter NBW_KEY = 192)
    (input clk, rst_async_n, i_valid, input [1:NBW_DATA] i_data, input [1:NBW_KEY] i_key,
     output o_valid, output [1:NBW_DATA] o_data);
  wire [1:64] first, second;
  wire first_valid, second_valid;
  reg [1:64] second_key [0:15], third_key [0:31];
  integer i;
  always @(posedge clk) begin
    second_key[0] <= i_key[65:128];
    third_key[0] <= i_key[129:192];
    for (i = 1; i < 16; i = i + 1) second_key[i] <= second_key[i-1];
    for (i = 1; i < 32; i = i + 1) third_key[i] <= third_key[i-1];
  end
  des_enc one(clk, rst_async_n, i_valid, i_data, i_key[1:64], first_valid, first);
  des_dec two(clk, rst_async_n, first_valid, first, second_key[15], second_valid, second);
  des_enc three(clk, rst_async_n, second_valid, second, third_key[31], o_valid, o_data);
endmodule
"""
RAM = """\
module custom_byte_enable_ram #(parameter XLEN = 32, LINES = 8192, localparam W = $clog2(LINES))
    (input clk, input [W-1:0] addr_a, addr_b, input en_a, en_b, input [XLEN/8-1:0] be_a, be_b,
     input [XLEN-1:0] data_in_a, data_in_b, output reg [XLEN-1:0] data_out_a, data_out_b);
  reg [XLEN-1:0] ram [0:LINES-1];
  reg [W-1:0] at_a, at_b;
  reg [XLEN/8-1:0] write_a, write_b;
  reg [XLEN-1:0] new_a, new_b;
  integer i;
  initial for (i = 0; i < LINES; i = i + 1) ram[i] = 0;
  always @(posedge clk) begin
    {at_a, new_a, write_a} <= {addr_a, data_in_a, en_a ? be_a : {XLEN/8{1'b0}}};
    {at_b, new_b, write_b} <= {addr_b, data_in_b, en_b ? be_b : {XLEN/8{1'b0}}};
    for (i = 0; i < XLEN/8; i = i + 1) if (write_b[i]) ram[at_b][8*i +: 8] <= new_b[8*i +: 8];
    for (i = 0; i < XLEN/8; i = i + 1) if (write_a[i]) ram[at_a][8*i +: 8] <= new_a[8*i +: 8];
    data_out_a <= ram[at_a];
    data_out_b <= ram[at_b];
  end
endmodule
"""
TIMER = """\
module ttc_counter_lite(input clk, reset, input [3:0] axi_addr, input [31:0] axi_wdata,
                        input axi_write_en, axi_read_en, output reg [31:0] axi_rdata,
                        output interrupt);
  reg [15:0] count, match_value, reload_value;
  reg enable, interval_mode, interrupt_enable, status;
  reg [3:0] prescaler, divided;
  wire matched = count == match_value;
  assign interrupt = status && interrupt_enable;
  always @(posedge clk)
    if (reset) begin
      {count, match_value, reload_value, enable, interval_mode, interrupt_enable} <= 0;
      {status, prescaler, divided, axi_rdata} <= 0;
    end else begin
      if (enable) begin
        divided <= divided + 1;
        if (divided >= prescaler) begin
          divided <= 0;
          if (!matched) count <= count + 1; else if (interval_mode) count <= reload_value;
        end
        if (matched) status <= 1;
      end
      if (axi_write_en) case (axi_addr)
        1: match_value <= axi_wdata;
        2: reload_value <= axi_wdata;
        3: {interrupt_enable, interval_mode, enable} <= axi_wdata;
        4: status <= 0;
        5: {divided, prescaler} <= axi_wdata[3:0];
      endcase
      if (axi_read_en) case (axi_addr)
        0: axi_rdata <= count;
        1: axi_rdata <= match_value;
        2: axi_rdata <= reload_value;
        3: axi_rdata <= {interrupt_enable, interval_mode, enable};
        4: axi_rdata <= status;
        5: axi_rdata <= prescaler;
        default: axi_rdata <= 0;
      endcase
    end
endmodule
"""
SKID = """\
module pipelined_skid_buffer(input clock, rst, input [3:0] data_i, input valid_i, output ready_o,
                             output valid_o, output [3:0] data_o, input ready_i);
  wire [3:0] d0, d1, d2;
  wire v0, v1, v2, r1, r2, r3;
  skid_buffer skid_0(clock, rst, data_i, valid_i, ready_o, d0, v0, r1);
  register reg1(clock, rst, d0, v0, r1, v1, d1, r2);
  skid_buffer skid_2(clock, rst, d1, v1, r2, d2, v2, r3);
  register reg3(clock, rst, d2, v2, r3, valid_o, data_o, ready_i);
endmodule
module register(input clk, rst, input [3:0] data_in, input valid_in, output ready_out,
                output valid_out, output [3:0] data_out, input ready_in);
  reg [3:0] mem;
  reg data_present;
  assign data_out = mem, valid_out = data_present, ready_out = !data_present || ready_in;
  always @(posedge clk or posedge rst)
    if (rst) {mem, data_present} <= 0;
    else if (ready_out) {data_present, mem} <= {valid_in, data_in};
endmodule
module skid_buffer(input clk, reset, input [3:0] i_data, input i_valid, output o_ready,
                   output [3:0] o_data, output o_valid, input i_ready);
  reg [3:0] data_reg;
  reg buffer;
  assign o_data = buffer ? data_reg : i_data, o_valid = buffer || i_valid, o_ready = !buffer;
  always @(posedge clk or posedge reset)
    if (reset) {buffer, data_reg} <= 0;
    else if (buffer) buffer <= !i_ready;
    else if (i_valid && !i_ready) {buffer, data_reg} <= {1'b1, i_data};
endmodule
"""
