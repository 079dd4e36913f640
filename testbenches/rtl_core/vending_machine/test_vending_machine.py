"""vending_machine: coins in, three products, greedy change one coin per cycle."""

from itertl_eval.bench import Bench, Hold, Model

VALUE = (0, 5, 10, 25)
PRICE = (0, 30, 45, 60)


class Golden(Model):
    def reset(self):
        self.ready, self.credit = True, 0
        self.dispense = self.refund = self.reject = 0

    def edge(self, i):
        self.dispense = self.refund = 0
        self.reject = i.coin != 0
        if not self.ready:
            self.refund = next(code for code in (3, 2, 1) if VALUE[code] <= self.credit)
            self.credit -= VALUE[self.refund]
            self.ready = self.credit == 0
        elif i.cancel and self.credit:
            self.ready = False
        elif i.select and self.credit >= PRICE[i.select]:
            self.dispense = i.select
            self.credit -= PRICE[i.select]
            self.ready = self.credit == 0
        elif self.credit + VALUE[i.coin] <= 100:
            self.credit += VALUE[i.coin]
            self.reject = 0

    def outputs(self, i):
        names = ("ready", "credit", "dispense", "refund", "reject")
        return {name: getattr(self, name) for name in names}


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    inputs={"rst": 1, "coin": 2, "select": 2, "cancel": 1},
    outputs={"ready": 1, "credit": 7, "dispense": 2, "refund": 2, "reject": 1},
)
NONE = {"coin": 0, "select": 0, "cancel": 0}


def pay(cents):
    """Coins that add up to `cents`, the largest first."""
    for code in (3, 2, 1):
        for _ in range(cents // VALUE[code]):
            yield {**NONE, "coin": code}
        cents %= VALUE[code]


@bench.case
def buys_with_every_credit(rng):
    """Each product at each credit: too little, exact, with change."""
    for product in (1, 2, 3):
        for credit in (0, *range(PRICE[product] - 5, 101, 5)):
            yield {"rst": 1}
            yield {"rst": 0, **NONE}
            yield from pay(credit)
            yield {**NONE, "select": product}
            yield from ({**NONE} for _ in range(4))


@bench.case
def gives_money_back(rng):
    for credit in range(0, 101, 5):
        yield from pay(credit)
        yield {**NONE, "cancel": 1}
        yield from ({**NONE} for _ in range(8))


@bench.case
def refuses_coins(rng):
    """Above 100 cents, together with a purchase, while change is given."""
    for credit in (80, 90, 95, 100):
        for coin in (1, 2, 3):
            yield {"rst": 1}
            yield {"rst": 0, **NONE}
            yield from pay(credit)
            yield {**NONE, "coin": coin}
            yield {"coin": coin, "select": 1 + credit % 3, "cancel": 0}
            yield from ({"coin": coin, "select": 3, "cancel": 1} for _ in range(5))


@bench.case
def cancel_comes_first(rng):
    yield {"coin": 1, "select": 1, "cancel": 1}
    yield from pay(95)
    yield {"coin": 2, "select": 3, "cancel": 1}
    yield from ({**NONE, "select": 1} for _ in range(6))


@bench.case
def reset_takes_the_credit(rng):
    yield from pay(70)
    yield Hold(rst=1)
    yield Hold(rst=0)
    yield {**NONE, "select": 1}
    yield {"rst": 1, "coin": 3, "select": 1, "cancel": 1}
    yield {"rst": 0, **NONE}
    yield {**NONE, "select": 1}


@bench.case
def random_customers(rng):
    return bench.random(rng, 600, rst=0.01, cancel=0.04, select=[0, 0, 0, 0, 0, 1, 2, 3])
