// A package named by one letter. cocotb's visit to all packages ended the simulator on Icarus 12.
package p;
  typedef logic [7:0] word;
endpackage
module adder8 import p::*; (input word a, b, output word y);
  assign y = a + b;
endmodule
