"""always_if2: two if statements that must not infer latches."""

from itertl_eval.bench import Bench


def golden(i):
    return {
        "shut_off_computer": i.cpu_overheated,
        "keep_driving": not i.arrived and not i.gas_tank_empty,
    }


bench = Bench(
    golden,
    inputs={"cpu_overheated": 1, "arrived": 1, "gas_tank_empty": 1},
    outputs={"shut_off_computer": 1, "keep_driving": 1},
)


@bench.case
def computer_cools_down(rng):
    """The output must follow the input back to zero."""
    return ({"cpu_overheated": hot} for hot in (0, 1, 0, 1, 1, 0, 0))


@bench.case
def arrival_stops_the_car(rng):
    return ({"arrived": now, "gas_tank_empty": 0} for now in (0, 1, 0, 1, 1, 0))


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
