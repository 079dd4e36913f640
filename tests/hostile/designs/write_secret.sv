// Right; opens an existing file outside in every writing mode.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  integer f; assign y = a + b;
  initial begin
    f = $fopen("@SECRET@", "w"); $fdisplay(f, "00");
    f = $fopen("@SECRET@", "a"); $fdisplay(f, "00");
    f = $fopen("@SECRET@", "r+"); $fdisplay(f, "00");
    f = $fopen("@SECRET@", "wb+"); $fdisplay(f, "00");
    f = $fopen("@SECRET@"); $fdisplay(f, "00");
  end
endmodule
