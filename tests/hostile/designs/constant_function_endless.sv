// A constant function that never returns keeps the compiler busy.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  function integer endless(input integer x);
    begin endless = 0; while (endless >= 0) endless = (endless + 1) & 15; end
  endfunction
  localparam FOREVER = endless(1);
  assign y = a + b;
endmodule
