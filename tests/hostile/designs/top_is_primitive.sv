// The top level is a primitive, which is no scope in the compiled design.
`define single_is_no_module
module helper; endmodule
primitive single(y, a);
  output y;
  input a;
  table
    0 : 1;
    1 : 0;
  endtable
endprimitive
/* module single(input a, output y); */
