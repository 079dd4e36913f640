"""lifo_stack: eight bytes, push, pop and replace, with a sticky error flag."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.bytes, self.error = [], 0

    def edge(self, i):
        if i.push and i.pop and self.bytes:
            self.bytes[-1] = i.data
        elif i.push and len(self.bytes) < 8:
            self.bytes.append(i.data)
        elif i.pop and not i.push and self.bytes:
            self.bytes.pop()
        elif i.push or i.pop:
            self.error = 1

    def outputs(self, i):
        return {
            "top": self.bytes[-1] if self.bytes else 0,
            "count": len(self.bytes),
            "empty": not self.bytes,
            "full": len(self.bytes) == 8,
            "error": self.error,
        }


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    inputs={"rst": 1, "push": 1, "pop": 1, "data": 8},
    outputs={"top": 8, "count": 4, "empty": 1, "full": 1, "error": 1},
)


def pushes(rng, count):
    return bench.random(rng, count, rst=0, push=1, pop=0)


def pops(rng, count):
    return bench.random(rng, count, rst=0, push=0, pop=1)


@bench.case
def fill_and_empty(rng):
    for _ in range(2):
        yield from pushes(rng, 8)
        yield from bench.random(rng, 3, rst=0, push=0, pop=0)
        yield from pops(rng, 8)


@bench.case
def push_on_a_full_stack(rng):
    """Fails, changes nothing, and the error stays."""
    yield from pushes(rng, 10)
    yield from pops(rng, 8)


@bench.case
def pop_of_an_empty_stack(rng):
    yield from pops(rng, 2)
    yield from pushes(rng, 2)
    yield from pops(rng, 1)


@bench.case
def replace_at_every_depth(rng):
    for _ in range(9):
        yield from bench.random(rng, 2, rst=0, push=1, pop=1)
        yield from pushes(rng, 1)
    yield {"rst": 1}
    yield from bench.random(rng, 2, rst=0, push=1, pop=1)
    yield from pops(rng, 1)


@bench.case
def reset_in_use(rng):
    """Synchronous, before push and pop, clears the error too."""
    yield from pushes(rng, 9)
    yield Hold(rst=1)
    yield Hold(rst=0)
    yield from pops(rng, 1)
    yield {"rst": 1, "push": 1, "pop": 0}
    yield from pushes(rng, 3)
    yield {"rst": 1, "push": 1, "pop": 1}
    yield {"rst": 0, "push": 0, "pop": 0}


@bench.case
def random_use(rng):
    for push, pop in ((0.7, 0.4), (0.4, 0.7), (0.5, 0.5)) * 2:
        yield from bench.random(rng, 100, rst=0.01, push=push, pop=pop)
