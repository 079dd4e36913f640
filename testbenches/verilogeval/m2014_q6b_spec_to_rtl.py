"""m2014_q6b as v2's spec-to-rtl names it: the output is Y1, the state y[2:0]."""

import m2014_q6b

from itertl_eval.bench import Bench

bench = Bench(m2014_q6b.golden, inputs={"y": 3, "w": 1}, outputs={"Y1": 1})
every_state = bench.case(m2014_q6b.bench.cases["every_state"])
random_order = bench.case(m2014_q6b.bench.cases["random_order"])
