// A package with a typedef and an enum.
package ops; typedef enum logic [1:0] {IDLE, ADD} op_t; typedef logic [7:0] byte_t; endpackage
module adder8(input [7:0] a, input [7:0] b, output logic [7:0] y);
  import ops::*;
  op_t op; byte_t s;
  assign op = ADD;
  always_comb begin s = a + b; case (op) ADD: y = s; default: y = 0; endcase end
endmodule
