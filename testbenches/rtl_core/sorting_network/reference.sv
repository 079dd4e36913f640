module sorting_network (
    input  logic [63:0] data,
    input  logic        descending,
    input  logic        is_signed,
    output logic [63:0] sorted
);
    // Odd-even transposition: eight rounds of compare and exchange between neighbours.
    // Inverting the bits of a key reverses the order; inverting its sign bit makes it unsigned.
    logic [7:0] flip;
    logic [63:0] keys[0:8];

    assign flip = {descending ^ is_signed, {7{descending}}};
    assign keys[0] = data ^ {8{flip}};
    assign sorted = keys[8] ^ {8{flip}};

    genvar round, k;
    generate
        for (round = 0; round < 8; round = round + 1) begin : g_round
            if (round % 2 == 1) begin : g_ends
                assign keys[round+1][7:0]   = keys[round][7:0];
                assign keys[round+1][63:56] = keys[round][63:56];
            end
            for (k = round % 2; k < 7; k = k + 2) begin : g_pair
                logic [7:0] low, high;
                assign low  = keys[round][8*k+:8];
                assign high = keys[round][8*k+8+:8];
                assign keys[round+1][8*k+:16] = (low > high) ? {low, high} : {high, low};
            end
        end
    endgenerate
endmodule
