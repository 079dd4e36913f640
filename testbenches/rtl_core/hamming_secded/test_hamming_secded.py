"""hamming_secded: extended Hamming code (13, 8), encoder and decoder."""

import itertools

from itertl_eval.bench import Bench

PLACES = (3, 5, 6, 7, 9, 10, 11, 12)


def encode(byte):
    """The only even word with these data bits whose syndrome is zero."""
    word = sum(1 << place for k, place in enumerate(PLACES) if byte >> k & 1)
    word |= sum(1 << p for p in (1, 2, 4, 8) if syndrome(word) & p)
    return word | bin(word).count("1") & 1


def syndrome(word):
    total = 0
    for place in range(1, 13):
        total ^= place * (word >> place & 1)
    return total


def data_of(word):
    return sum((word >> place & 1) << k for k, place in enumerate(PLACES))


CODEWORDS = {encode(byte): byte for byte in range(256)}


def golden(i):
    """Decodes by looking for the codeword at distance 0 or 1."""
    near = [i.code_in, *(i.code_in ^ 1 << k for k in range(13))]
    found = next((word for word in near if word in CODEWORDS), None)
    return {
        "code_out": encode(i.data_in),
        "data_out": data_of(i.code_in if found is None else found),
        "corrected": found not in (None, i.code_in),
        "uncorrectable": found is None,
    }


bench = Bench(
    golden,
    inputs={"data_in": 8, "code_in": 13},
    outputs={"code_out": 13, "data_out": 8, "corrected": 1, "uncorrectable": 1},
)


@bench.case
def encodes_every_byte(rng):
    yield from ({"data_in": byte, "code_in": rng.getrandbits(13)} for byte in range(256))


@bench.case
def decodes_every_codeword(rng):
    yield from ({"data_in": rng.getrandbits(8), "code_in": word} for word in CODEWORDS)


@bench.case
def corrects_single_errors(rng):
    for word in (encode(0), encode(255), *(encode(rng.getrandbits(8)) for _ in range(12))):
        yield from ({"code_in": word ^ 1 << k} for k in range(13))


@bench.case
def detects_double_errors(rng):
    for word in (encode(0), encode(rng.getrandbits(8)), encode(rng.getrandbits(8))):
        for j, k in itertools.combinations(range(13), 2):
            yield {"code_in": word ^ 1 << j ^ 1 << k}


@bench.case
def random_words(rng):
    return bench.random(rng, 300)
