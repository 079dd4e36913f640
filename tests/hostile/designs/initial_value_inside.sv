// Its second register has an initial value and no reset.
module accumulator(input clk, input rst, input [7:0] d, output [7:0] q);
  reg [3:0] low = 0, high = 0;
  assign q = {high, low};
  always @(posedge clk) begin
    {high, low} <= q + d;
    if (rst) low <= 0;
  end
endmodule
