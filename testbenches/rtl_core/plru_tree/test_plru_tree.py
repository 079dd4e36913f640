"""plru_tree: tree pseudo-LRU for four sets of eight ways."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    """Keeps each subtree as [points right, left, right]; a way is an int."""

    def reset(self):
        self.trees = [self.grown(range(8)) for _ in range(4)]

    def grown(self, ways):
        if len(ways) == 1:
            return ways[0]
        half = len(ways) // 2
        return [0, self.grown(ways[:half]), self.grown(ways[half:])]

    def edge(self, i):
        tree = self.trees[i.set_index]
        for bit in (2, 1, 0):
            right = i.way >> bit & 1 if i.access else None
            if right is None:
                return
            tree[0] = 1 - right
            tree = tree[1 + right]

    def outputs(self, i):
        tree = self.trees[i.set_index]
        while isinstance(tree, list):
            tree = tree[1 + tree[0]]
        return tree


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    asynchronous=True,
    inputs={"rst": 1, "access": 1, "set_index": 2, "way": 3},
    outputs={"victim": 3},
)


def look(sets=range(4)):
    """Read the victims of several sets without a clock edge."""
    yield from (Hold(access=0, set_index=k) for k in sets)


@bench.case
def each_way_alone(rng):
    for k in range(4):
        for way in range(8):
            yield {"rst": 1, "access": 0}
            yield {"rst": 0, "access": 1, "set_index": k, "way": way}
            yield from look()


@bench.case
def replaces_in_turn(rng):
    """Using the victim each time goes round all eight ways."""
    for way in (0, 4, 2, 6, 1, 5, 3, 7) * 2:
        yield {"access": 1, "set_index": 2, "way": way}


@bench.case
def sets_are_independent(rng):
    for _ in range(60):
        yield from bench.random(rng, 1, rst=0, access=1)
        yield from look()


@bench.case
def nothing_without_access(rng):
    yield from bench.random(rng, 30, rst=0, access=1)
    yield from bench.random(rng, 60, rst=0, access=0)


@bench.case
def reset_acts_at_once(rng):
    for k in range(4):
        yield from bench.random(rng, 12, rst=0, access=1)
        yield Hold(rst=1, set_index=k)
        yield Hold(rst=0)
        yield from look()
        yield {"rst": 1, "access": 1, "set_index": k, "way": k}
        yield {"rst": 0, "access": 0}


@bench.case
def random_accesses(rng):
    yield from bench.random(rng, 300, rst=0.01, access=0.7)
    yield from bench.random(rng, 200, rst=0, access=0.8, set_index=1)
