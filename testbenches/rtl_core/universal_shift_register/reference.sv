module universal_shift_register (
    input  logic       clk,
    input  logic       rst_n,
    input  logic [2:0] mode,
    input  logic [7:0] data,
    input  logic       serial,
    output logic [7:0] q
);
    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            q <= 8'd0;
        end else begin
            case (mode)
                3'd1: q <= data;
                3'd2: q <= {q[6:0], serial};
                3'd3: q <= {serial, q[7:1]};
                3'd4: q <= {q[6:0], q[7]};
                3'd5: q <= {q[0], q[7:1]};
                3'd6: q <= {q[7], q[7:1]};
                3'd7: q <= {q[0], q[1], q[2], q[3], q[4], q[5], q[6], q[7]};
                default: q <= q;
            endcase
        end
    end
endmodule
