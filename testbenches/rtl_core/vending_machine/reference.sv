module vending_machine (
    input  logic       clk,
    input  logic       rst,
    input  logic [1:0] coin,
    input  logic [1:0] select,
    input  logic       cancel,
    output logic       ready,
    output logic [6:0] credit,
    output logic [1:0] dispense,
    output logic [1:0] refund,
    output logic       reject
);
    logic [6:0] price, change, left;
    logic [7:0] paid;
    logic [1:0] coin_out;
    logic enough;

    function automatic logic [6:0] cents(input logic [1:0] code);
        case (code)
            2'd1: cents = 7'd5;
            2'd2: cents = 7'd10;
            2'd3: cents = 7'd25;
            default: cents = 7'd0;
        endcase
    endfunction

    always_comb begin
        case (select)
            2'd1: price = 7'd30;
            2'd2: price = 7'd45;
            default: price = 7'd60;
        endcase
        if (credit >= 7'd25) coin_out = 2'd3;
        else if (credit >= 7'd10) coin_out = 2'd2;
        else coin_out = 2'd1;
    end

    assign enough = (select != 2'd0) && (credit >= price);
    assign change = credit - price;
    assign left = credit - cents(coin_out);
    assign paid = {1'b0, credit} + {1'b0, cents(coin)};

    always_ff @(posedge clk) begin
        dispense <= 2'd0;
        refund   <= 2'd0;
        reject   <= 1'b0;
        if (rst) begin
            ready  <= 1'b1;
            credit <= 7'd0;
        end else if (!ready) begin
            refund <= coin_out;
            credit <= left;
            ready  <= (left == 7'd0);
            reject <= (coin != 2'd0);
        end else if (cancel && credit != 7'd0) begin
            ready  <= 1'b0;
            reject <= (coin != 2'd0);
        end else if (enough) begin
            dispense <= select;
            credit   <= change;
            ready    <= (change == 7'd0);
            reject   <= (coin != 2'd0);
        end else if (paid <= 8'd100) begin
            credit <= paid[6:0];
        end else begin
            reject <= 1'b1;
        end
    end
endmodule
