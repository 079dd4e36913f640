"""RAM: eight words of six bits with a write and a read port, cleared at once when `rst_n` falls.

Addresses from 8 on do not exist. What a read of the word that is being written gives is left open.
"""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.words, self.read = [0] * 8, 0

    def edge(self, i):
        clash = i.write_en and i.read_en and i.write_addr == i.read_addr
        self.read = (None if clash else self.words[i.read_addr]) if i.read_en else 0
        if i.write_en:
            self.words[i.write_addr] = i.write_data

    def outputs(self, i):
        return self.read


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    asynchronous=True,
    inputs={
        "rst_n": 1,
        "write_en": 1,
        "write_addr": 8,
        "write_data": 6,
        "read_en": 1,
        "read_addr": 8,
    },
    outputs={"read_data": 6},
)
IDLE = {"write_en": 0, "write_addr": 0, "write_data": 0, "read_en": 0, "read_addr": 0}


@bench.case
def zero_after_a_reset(rng):
    for addr in range(8):
        yield {**IDLE, "read_en": 1, "read_addr": addr}
        yield {**IDLE, "write_en": 1, "write_addr": addr, "write_data": 63}
    yield {**IDLE, "rst_n": 0}
    for addr in range(8):
        yield {**IDLE, "rst_n": 1, "read_en": 1, "read_addr": addr}


@bench.case
def a_reset_between_two_edges(rng):
    for addr in range(8):
        yield {**IDLE, "write_en": 1, "write_addr": addr, "write_data": 63}
    yield Hold({**IDLE, "rst_n": 0})
    for addr in range(8):
        yield {**IDLE, "rst_n": 1, "read_en": 1, "read_addr": addr}


@bench.case
def every_word_holds_its_own(rng):
    for _ in range(4):
        words = [rng.getrandbits(6) for _ in range(8)]
        for addr, word in enumerate(words):
            yield {**IDLE, "write_en": 1, "write_addr": addr, "write_data": word}
        for addr in rng.sample(range(8), 8):
            yield {**IDLE, "read_en": 1, "read_addr": addr}


@bench.case
def random_traffic(rng):
    for _ in range(500):
        yield {
            "write_en": rng.random() < 0.6,
            "write_addr": rng.randrange(8),
            "write_data": rng.getrandbits(6),
            "read_en": rng.random() < 0.7,
            "read_addr": rng.randrange(8),
            "rst_n": int(rng.random() > 0.01),
        }
