"""gatesv100 as v2's spec-to-rtl asks for it: a hundred bits each, the two odd ones are zero."""

import gatesv100

from itertl_eval.bench import Bench


def golden(i):
    v1 = gatesv100.golden(i)
    return {
        "out_both": v1["out_both"] & ~(1 << 99),
        "out_any": v1["out_any"] << 1,
        "out_different": v1["out_different"],
    }


bench = Bench(
    golden,
    inputs={"in": 100},
    outputs={"out_both": 100, "out_any": 100, "out_different": 100},
)
CASES = gatesv100.bench.cases
none_all_one_set_one_clear = bench.case(CASES["none_all_one_set_one_clear"])
walking_pair = bench.case(CASES["walking_pair"])
ends_of_the_vector = bench.case(CASES["ends_of_the_vector"])
random_vectors = bench.case(CASES["random_vectors"])
