"""m2014_q6c as v2's spec-to-rtl names it: the outputs are Y1 and Y3, the state y[5:0]."""

import m2014_q6c_v2

from itertl_eval.bench import Bench


def golden(i):
    usual = m2014_q6c_v2.bench.golden(i)
    return {"Y1": usual["Y2"], "Y3": usual["Y4"]}


bench = Bench(golden, inputs={"y": 6, "w": 1}, outputs={"Y1": 1, "Y3": 1})
one_hot_states = bench.case(m2014_q6c_v2.bench.cases["one_hot_states"])
random_order = bench.case(m2014_q6c_v2.bench.cases["random_order"])
