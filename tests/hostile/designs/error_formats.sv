// Feeds format strings and missing arguments to the tasks that cocotb takes over.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  assign y = a - b;
  initial begin
    $info("%s%n%p%0x"); $warning("%d %d", 1); $error("passed %m"); $error; $error(1, 2, 3);
  end
endmodule
