// $clog2, parameters, a generate loop and a function.
module adder8 #(parameter W = 8) (input [W-1:0] a, input [W-1:0] b, output [W-1:0] y);
  localparam D = $clog2(W);
  wire [W:0] c; assign c[0] = 1'b0;
  function full; input x, z, i; full = x ^ z ^ i; endfunction
  genvar k;
  generate for (k = 0; k < (1 << D); k = k + 1) begin : bits
    assign y[k] = full(a[k], b[k], c[k]);
    assign c[k+1] = a[k] & b[k] | c[k] & (a[k] ^ b[k]);
  end endgenerate
endmodule
