"""ringer: incoming call goes to the ringer, or to the motor in vibrate mode."""

from itertl_eval.bench import Bench


def golden(i):
    return {"ringer": i.ring & ~i.vibrate_mode, "motor": i.ring & i.vibrate_mode}


bench = Bench(golden, inputs={"ring": 1, "vibrate_mode": 1}, outputs={"ringer": 1, "motor": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 60)
