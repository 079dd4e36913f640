"""fsm3comb: next state and output of a four-state Moore machine, binary encoding."""

from itertl_eval.bench import Bench

NEXT = {"A": "AB", "B": "CB", "C": "AD", "D": "CB"}


def golden(i):
    state = "ABCD"[i.state]
    return {"next_state": "ABCD".index(NEXT[state][i["in"]]), "out": state == "D"}


bench = Bench(golden, inputs={"in": 1, "state": 2}, outputs={"next_state": 2, "out": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
