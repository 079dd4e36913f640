module bus_fsm (
    input  logic clk,
    input  logic rst,
    input  logic start,
    input  logic grant,
    input  logic fault,
    input  logic last,
    output logic request,
    output logic busy,
    output logic strobe,
    output logic failed,
    output logic done
);
    localparam logic [2:0] IDLE = 3'd0, REQUEST = 3'd1, BEAT = 3'd2, RETRY = 3'd3, FAILED = 3'd4;

    logic [2:0] state;

    always_ff @(posedge clk) begin
        if (rst) begin
            state <= IDLE;
        end else begin
            case (state)
                IDLE: if (start) state <= REQUEST;
                REQUEST:
                    if (!start) state <= IDLE;
                    else if (grant) state <= BEAT;
                BEAT:
                    if (fault) state <= RETRY;
                    else if (last) state <= IDLE;
                    else if (!grant) state <= REQUEST;
                RETRY:
                    if (fault) state <= FAILED;
                    else if (grant) state <= BEAT;
                FAILED: if (!start) state <= IDLE;
                default: state <= IDLE;
            endcase
        end
    end

    assign request = (state == REQUEST) || (state == RETRY);
    assign busy    = (state == REQUEST) || (state == BEAT) || (state == RETRY);
    assign strobe  = (state == BEAT) || (state == RETRY);
    assign failed  = (state == FAILED);
    assign done    = (state == BEAT) && last && !fault;
endmodule
