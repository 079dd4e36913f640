// A task, named blocks, a casez, $signed and loops.
module adder8(input [7:0] a, input [7:0] b, output reg [7:0] y);
  task add(input signed [7:0] p, input signed [7:0] r, output signed [7:0] s); s = p + r; endtask
  reg signed [7:0] t; integer k;
  always @* begin : work
    add($signed(a), $signed(b), t);
    casez (a) 8'b1???_????: y = t; default: y = $unsigned(t); endcase
    for (k = 0; k < 4; k = k + 1) begin : twice y = y + 0; end
  end
endmodule
