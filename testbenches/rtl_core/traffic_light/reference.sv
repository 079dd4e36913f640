module traffic_light (
    input  logic       clk,
    input  logic       rst_n,
    input  logic       tick,
    input  logic       car,
    input  logic       button,
    output logic [2:0] main_lamps,
    output logic [2:0] side_lamps,
    output logic       walk,
    output logic       pending
);
    localparam logic [2:0] MAIN_GREEN = 3'd0, MAIN_YELLOW = 3'd1, CLEAR_1 = 3'd2;
    localparam logic [2:0] SIDE_GREEN = 3'd3, SIDE_YELLOW = 3'd4, CLEAR_2 = 3'd5;
    localparam logic [2:0] RED = 3'b100, YELLOW = 3'b010, GREEN = 3'b001;

    logic [2:0] phase, ticks;
    logic over, to_side;

    // `ticks` counts the ticks of the phase before the present one, up to 5.
    always_comb begin
        case (phase)
            MAIN_GREEN: over = (ticks >= 3'd5) && (car || pending);
            MAIN_YELLOW, SIDE_YELLOW: over = (ticks >= 3'd1);
            SIDE_GREEN: over = (ticks >= 3'd4) || (ticks >= 3'd2 && !car);
            default: over = 1'b1;
        endcase
    end

    assign to_side = tick && over && (phase == CLEAR_1);

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            phase   <= MAIN_GREEN;
            ticks   <= 3'd0;
            walk    <= 1'b0;
            pending <= 1'b0;
        end else begin
            if (tick) begin
                if (over) begin
                    phase <= (phase == CLEAR_2) ? MAIN_GREEN : phase + 3'd1;
                    ticks <= 3'd0;
                    walk  <= to_side && (pending || button);
                end else if (ticks != 3'd5) begin
                    ticks <= ticks + 3'd1;
                end
            end
            pending <= !to_side && (pending || button);
        end
    end

    always_comb begin
        main_lamps = RED;
        side_lamps = RED;
        case (phase)
            MAIN_GREEN: main_lamps = GREEN;
            MAIN_YELLOW: main_lamps = YELLOW;
            SIDE_GREEN: side_lamps = GREEN;
            SIDE_YELLOW: side_lamps = YELLOW;
            default: ;
        endcase
    end
endmodule
