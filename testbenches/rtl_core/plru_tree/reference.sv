module plru_tree (
    input  logic       clk,
    input  logic       rst,
    input  logic       access,
    input  logic [1:0] set_index,
    input  logic [2:0] way,
    output logic [2:0] victim
);
    // Bit n of a set is node n; bit 0 is not used.
    logic [7:0] nodes[0:3];
    logic [7:0] now, next;
    logic [2:0] low_node;
    logic [1:0] middle_node;

    assign now = nodes[set_index];
    assign middle_node = {1'b1, now[1]};
    assign low_node = {middle_node, now[middle_node]};
    assign victim = {now[1], now[middle_node], now[low_node]};

    logic left_1, left_2, left_3;
    logic [2:0] node_2, node_3;

    assign {left_1, left_2, left_3} = ~way;
    assign node_2 = {2'b01, way[2]};
    assign node_3 = {1'b1, way[2:1]};

    always_comb begin
        next = now;
        next[1] = left_1;
        next[node_2] = left_2;
        next[node_3] = left_3;
    end

    always_ff @(posedge clk or posedge rst) begin
        if (rst) begin
            nodes[0] <= 8'd0;
            nodes[1] <= 8'd0;
            nodes[2] <= 8'd0;
            nodes[3] <= 8'd0;
        end else if (access) begin
            nodes[set_index] <= next;
        end
    end
endmodule
