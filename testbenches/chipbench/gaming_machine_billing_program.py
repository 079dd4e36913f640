"""gaming_machine_billing_program: a balance that is charged, and spent one or two yuan a cycle.

As in the published reference nothing is deducted in a cycle that charges, what is too little for
the mode stays, and the lights show the balance before the clock edge. No charge exceeds ten bits.
"""

from itertl_eval.bench import Bench, Model

MOST = 1023


class Golden(Model):
    def reset(self):
        self.remain = self.yellow = self.red = 0

    def edge(self, i):
        remain, price = self.remain, 2 if i.boost else 1
        self.yellow, self.red = 0 < remain < 10, remain < price
        if i.set:
            self.remain = remain + i.money
        elif remain >= price:
            self.remain = remain - price

    def outputs(self, i):
        return {"remain": self.remain, "yellow": self.yellow, "red": self.red}


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    asynchronous=True,
    inputs={"rst_n": 1, "money": 10, "set": 1, "boost": 1},
    outputs={"remain": 10, "yellow": 1, "red": 1},
)


def charge(money, boost=0):
    return {"rst_n": 1, "set": 1, "money": money, "boost": boost}


def spend(cycles, boost, money=MOST):
    return [{"rst_n": 1, "set": 0, "money": money, "boost": boost}] * cycles


@bench.case
def down_to_nothing(rng):
    """From each small balance in each mode, whose last yuan may be too few for boost mode."""
    for boost in (0, 1):
        for money in range(14):
            yield {"rst_n": 0}
            yield charge(money, boost)
            yield from spend(money // (1 + boost) + 3, boost)


@bench.case
def the_mode_changes(rng):
    for money in range(8):
        for modes in range(16):
            yield {"rst_n": 0}
            yield charge(money)
            for at in range(4):
                yield from spend(1, modes >> at & 1)


@bench.case
def charges_add_up(rng):
    for bit in range(10):
        yield {"rst_n": 0}
        yield charge(1 << bit, rng.getrandbits(1))
        yield from spend(3, 1)
        yield charge(rng.randrange(MOST - (1 << bit)), rng.getrandbits(1))
        yield from spend(3, 0)
    yield {"rst_n": 0}
    yield charge(511)
    yield charge(512, 1)
    yield from spend(4, 1)


@bench.case
def random_play(rng):
    most = 0
    for _ in range(500):
        if rng.random() < 0.02:
            most = 0
            yield {"rst_n": 0}
        elif rng.random() < 0.15 and most < 900:
            money = rng.choice((0, 1, 2, 3, 9, 10, rng.randrange(100)))
            most += money
            yield charge(money, rng.getrandbits(1))
        else:
            yield from spend(1, rng.getrandbits(1), rng.getrandbits(10))


@bench.case
def a_whole_balance(rng):
    yield charge(300)
    yield from spend(140, 1)
    yield from spend(25, 0)
