module hamming_secded (
    input  logic [ 7:0] data_in,
    output logic [12:0] code_out,
    input  logic [12:0] code_in,
    output logic [ 7:0] data_out,
    output logic        corrected,
    output logic        uncorrectable
);
    logic [3:0] check;
    logic [12:1] body;

    assign check[0] = data_in[0] ^ data_in[1] ^ data_in[3] ^ data_in[4] ^ data_in[6];
    assign check[1] = data_in[0] ^ data_in[2] ^ data_in[3] ^ data_in[5] ^ data_in[6];
    assign check[2] = data_in[1] ^ data_in[2] ^ data_in[3] ^ data_in[7];
    assign check[3] = data_in[4] ^ data_in[5] ^ data_in[6] ^ data_in[7];
    assign body = {data_in[7:4], check[3], data_in[3:1], check[2], data_in[0], check[1:0]};
    assign code_out = {body, ^body};

    logic [ 3:0] syndrome;
    logic        odd;
    logic [12:0] fixed;

    always_comb begin
        syndrome = 4'd0;
        for (int p = 1; p <= 12; p++) if (code_in[p]) syndrome = syndrome ^ 4'(p);
    end

    assign odd = ^code_in;
    assign corrected = odd && (syndrome <= 4'd12);
    assign uncorrectable = odd ? (syndrome > 4'd12) : (syndrome != 4'd0);
    assign fixed = corrected ? code_in ^ (13'd1 << syndrome) : code_in;
    assign data_out = {fixed[12:9], fixed[7:5], fixed[3]};
endmodule
