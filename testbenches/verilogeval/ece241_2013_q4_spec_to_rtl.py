"""ece241_2013_q4 as v2's spec-to-rtl names it: the flow outputs are fr2 to fr0, s is s[2:0]."""

import ece241_2013_q4 as v1

from itertl_eval.bench import Bench


class Golden(v1.Golden):
    def outputs(self, i):
        flow = super().outputs(i)
        return {"fr2": flow["fr3"], "fr1": flow["fr2"], "fr0": flow["fr1"], "dfr": flow["dfr"]}


bench = Bench(
    Golden,
    clock="clk",
    reset="reset",
    inputs={"reset": 1, "s": 3},
    outputs={"fr2": 1, "fr1": 1, "fr0": 1, "dfr": 1},
)
rises_and_falls = bench.case(v1.bench.cases["rises_and_falls"])
random_walk = bench.case(v1.bench.cases["random_walk"])
reset_from_every_level = bench.case(v1.bench.cases["reset_from_every_level"])
reset_waits_for_the_clock = bench.case(v1.bench.cases["reset_waits_for_the_clock"])
