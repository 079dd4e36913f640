// Right only if the simulator was started with arguments that a design can ask for.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg [1023:0] s; reg ok = 0;
  initial begin
    if ($test$plusargs("")) ok = 1;
    if ($value$plusargs("nonce=%s", s)) ok = 1;
    if ($value$plusargs("%s", s)) ok = 1;
  end
  assign y = ok ? a + b : ~a;
endmodule
