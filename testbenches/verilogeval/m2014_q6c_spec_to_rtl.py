"""m2014_q6c as v2's spec-to-rtl names it: the outputs are Y1 and Y3, the state y[5:0]."""

import m2014_q6c

from itertl_eval.bench import Bench


def golden(i):
    v1 = m2014_q6c.golden(i)
    return {"Y1": v1["Y2"], "Y3": v1["Y4"]}


bench = Bench(golden, inputs={"y": 6, "w": 1}, outputs={"Y1": 1, "Y3": 1})
one_hot_states = bench.case(m2014_q6c.bench.cases["one_hot_states"])
all_state_vectors = bench.case(m2014_q6c.bench.cases["all_state_vectors"])
random_order = bench.case(m2014_q6c.bench.cases["random_order"])
