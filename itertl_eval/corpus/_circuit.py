"""Circuit: the interface of what every family makes."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

TOP = "top_module"
HELDOUT_SHARE = 0.25
"""The share of all structures that no training split of any seed ever contains."""


@dataclass(frozen=True)
class Reset:
    """A reset input; without `asynchronous` it acts at the clock edge."""

    name: str
    asynchronous: bool = False
    active_low: bool = False

    @property
    def kind(self) -> str:
        return "async" if self.asynchronous else "sync"

    @property
    def condition(self) -> str:
        return f"!{self.name}" if self.active_low else self.name

    @property
    def sensitivity(self) -> str:
        """The events of the always block."""
        edge = f" or {'negedge' if self.active_low else 'posedge'} {self.name}"
        return f"posedge clk{edge if self.asynchronous else ''}"

    def english(self, rng: random.Random, effect: str) -> str:
        """Return a sentence: "rst is a synchronous active-high reset that ..."."""
        style = "asynchronous" if self.asynchronous else "synchronous"
        level = "low" if self.active_low else "high"
        article = "an" if self.asynchronous else "a"
        sentences = [
            f"{self.name} is {article} {style} active-{level} reset that {effect}.",
            f"The {style} reset {self.name} (active {level}) {effect}.",
        ]
        return rng.choice(sentences)

    @property
    def bench(self) -> str:
        """The keyword arguments of a Bench."""
        mark = "!" if self.active_low else ""
        return f'reset="{mark}{self.name}"' + (", asynchronous=True" if self.asynchronous else "")


class Circuit(Protocol):
    """One instance of a family: its ports, its meaning and the texts written from it."""

    @property
    def family(self) -> str: ...

    @property
    def inputs(self) -> Mapping[str, int]:
        """Names and widths, without the clock."""

    @property
    def outputs(self) -> Mapping[str, int]: ...

    @property
    def clocked(self) -> bool: ...

    @property
    def shape(self) -> str:
        """The structure, free of names, widths and constants."""

    @property
    def parts(self) -> tuple[str, ...]:
        """What a solver must know: operators, register, kind of reset, ..."""

    @property
    def level(self) -> int:
        """How many parts must be combined: 1 is a single operator or a bare register."""

    def registers_as_ports(self) -> set[str]:
        """Return the outputs that the header declares `output reg`."""

    def body(self) -> str:
        """Return the reference after the header, including endmodule."""

    def english(self, rng: random.Random) -> list[str]:
        """Return the sentences of the specification."""

    def bench(self) -> str:
        """Return the text of a testbench file."""


def header(circuit: Circuit) -> str:
    """Return the module header that the prompt gives and the reference begins with."""
    ports = ["input clk"] if circuit.clocked else []
    ports += [f"input {_range(width)}{name}" for name, width in circuit.inputs.items()]
    registers = circuit.registers_as_ports()
    for name, width in circuit.outputs.items():
        ports.append(f"output {'reg ' if name in registers else ''}{_range(width)}{name}")
    return f"module {TOP} (\n    " + ",\n    ".join(ports) + "\n);\n"


def _range(width: int) -> str:
    return f"[{width - 1}:0] " if width > 1 else ""


def declare(kind: str, name: str, width: int) -> str:
    return f"    {kind} {_range(width)}{name}"


def structure(circuit: Circuit) -> str:
    """Return the canonical hash of the shape."""
    return hashlib.sha256(circuit.shape.encode()).hexdigest()[:16]


def held_out(shape: str, basic: frozenset[str]) -> bool:
    """Return whether a structure is held out, for every seed and every corpus.

    The `basic` ones are always for training: a structure of one part can't be held out and
    still be made of parts that training has seen.
    """
    if shape in basic:
        return False
    digest = hashlib.sha256(b"itertl_eval.corpus split " + shape.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < HELDOUT_SHARE
