// Right; takes the names of the folders that later samples will get.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer f, k; assign y = a + b;
  reg [8*6:1] n;
  initial for (k = 0; k < 1000; k = k + 1) begin
    f = $fopen($sformatf("../s%0d", k), "w");
    if (f != 0) $fclose(f);
  end
endmodule
