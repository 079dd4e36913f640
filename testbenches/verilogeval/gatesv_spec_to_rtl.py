"""gatesv as v2's spec-to-rtl asks for it: all outputs have four bits, two bits are left open."""

import gatesv

from itertl_eval.bench import Bench, Care


def golden(i):
    v1 = gatesv.golden(i)
    return {
        "out_both": Care(v1["out_both"], 0b0111),  # bit 3 has no neighbour
        "out_any": Care(v1["out_any"] << 1, 0b1110),  # nor has bit 0
        "out_different": v1["out_different"],
    }


bench = Bench(
    golden,
    inputs={"in": 4},
    outputs={"out_both": 4, "out_any": 4, "out_different": 4},
)
truth_table = bench.case(gatesv.bench.cases["truth_table"])
random_order = bench.case(gatesv.bench.cases["random_order"])
