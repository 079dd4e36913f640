// Its memory of the last level works from an initial value and is not updated in reset.
module edge_detector(input clk, input rst, input [7:0] signal, output reg [7:0] rise, fall,
                     output reg any_edge);
  reg [7:0] previous = 0;
  always @(posedge clk) if (rst) begin rise <= 0; fall <= 0; any_edge <= 0; end
    else begin
      rise <= signal & ~previous; fall <= ~signal & previous; any_edge <= signal != previous;
      previous <= signal;
    end
endmodule
