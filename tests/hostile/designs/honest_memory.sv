// A memory that is filled in an initial block and by $readmemh from its own file.
module adder8(input [7:0] a, input [7:0] b, output [7:0] y);
  reg [7:0] rom [0:255]; integer k, f;
  initial begin
    f = $fopen("rom.mem", "w"); for (k = 0; k < 256; k = k + 1) $fdisplay(f, "%h", k[7:0]);
    $fclose(f); $readmemh("rom.mem", rom);
  end
  assign y = rom[a] + b;
endmodule
