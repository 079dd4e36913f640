// Sets its parameter to a number that is too large for a real.
module gray_counter #(parameter [1999:0] WIDTH = 4)
  (input clk, rst_n, enable, clear, output [3:0] gray, binary);
  setter s();
endmodule
module setter;
  defparam gray_counter.WIDTH = {2000{1'b1}};
endmodule
