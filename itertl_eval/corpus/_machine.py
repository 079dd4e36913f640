"""Machine: a finite state machine, defined by its table."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from itertl_eval.corpus._bench_file import file_text
from itertl_eval.corpus._circuit import Reset, declare


@dataclass(frozen=True)
class Machine:
    """A Moore or Mealy machine with one input bit.

    `table[s]` is the next state for input 0 and 1, and state 0 is the reset state. The output is
    1 in the `marked` states; in a Mealy machine, only while the input is 1 as well.
    """

    family: str
    states: tuple[str, ...]
    table: tuple[tuple[int, int], ...]
    marked: tuple[int, ...]
    reset: Reset
    data: str
    output: str
    mealy: bool = False

    @property
    def inputs(self) -> Mapping[str, int]:
        return {self.reset.name: 1, self.data: 1}

    @property
    def outputs(self) -> Mapping[str, int]:
        return {self.output: 1}

    clocked = True

    def registers_as_ports(self) -> set[str]:
        return set()

    @cached_property
    def shape(self) -> str:
        """The transitions, with the states numbered in the order of `reachable`."""
        order = reachable(self.table)
        rank = {state: index for index, state in enumerate(order)}
        rows = ",".join(f"{rank[self.table[s][0]]}{rank[self.table[s][1]]}" for s in order)
        return (
            f"machine({rows})/{len(self.marked)}{'mealy' if self.mealy else ''}/{self.reset.kind}"
        )

    @property
    def parts(self) -> tuple[str, ...]:
        kind = ("mealy",) if self.mealy else ("moore",)
        return ("state",) * len(self.states) + kind + (f"{self.reset.kind} reset",)

    @property
    def level(self) -> int:
        return len(self.states) + 1 + self.mealy + (len(self.marked) - 1)

    def body(self) -> str:
        width = max(1, (len(self.states) - 1).bit_length())
        codes = ", ".join(f"{name} = {width}'d{k}" for k, name in enumerate(self.states))
        rows = []
        for name, (zero, one) in zip(self.states, self.table, strict=True):
            stay = self.states[zero]
            choice = f"{self.data} ? {self.states[one]} : {stay}" if zero != one else stay
            rows.append(f"            {name}: state <= {choice};\n")
        marks = " || ".join(f"(state == {self.states[s]})" for s in self.marked)
        if self.mealy:
            marks = f"{marks if len(self.marked) == 1 else f'({marks})'} && {self.data}"
        return (
            f"    localparam {codes};\n"
            f"{declare('reg', 'state', width)};\n"
            f"    always @({self.reset.sensitivity})\n"
            f"        if ({self.reset.condition}) state <= {self.states[0]};\n"
            "        else case (state)\n"
            f"{''.join(rows)}"
            f"            default: state <= {self.states[0]};\n"
            "        endcase\n"
            f"    assign {self.output} = {marks};\n"
            "endmodule\n"
        )

    def english(self, rng: random.Random) -> list[str]:
        kind = "Mealy" if self.mealy else "Moore"
        names = self.states
        lines = [f"A {kind} machine has the states {', '.join(names[:-1])} and {names[-1]}."]
        for name, (zero, one) in zip(names, self.table, strict=True):
            if zero == one:
                lines.append(f"{name} goes to {names[zero]}.")
            else:
                lines.append(
                    f"{name} goes to {names[one]} if {self.data} is 1, else to {names[zero]}."
                )
        marks = " or ".join(names[s] for s in self.marked)
        also = f" while {self.data} is 1" if self.mealy else ""
        lines.append(f"{self.output} is 1 in {marks}{also}.")
        lines.append(self.reset.english(rng, f"leads to {names[0]}"))
        return lines

    def bench(self) -> str:
        table = {
            name: "".join(self.states[s] for s in row)
            for name, row in zip(self.states, self.table, strict=True)
        }
        marks = "".join(self.states[s] for s in self.marked)
        golden = (
            f"NEXT = {table}\n\n\n"
            "class Golden(Model):\n"
            "    def reset(self):\n"
            f'        self.state = "{self.states[0]}"\n\n'
            "    def edge(self, i):\n"
            f"        self.state = NEXT[self.state][i.{self.data}]\n\n"
            "    def outputs(self, i):\n"
            f'        return self.state in "{marks}"'
            f"{f' and i.{self.data}' if self.mealy else ''}\n"
        )
        return file_text(self, golden)


def reachable(table: tuple[tuple[int, int], ...]) -> list[int]:
    """Return the states that can be reached from the start, in the order of a search."""
    order = [0]
    for state in order:
        order += [s for s in dict.fromkeys(table[state]) if s not in order]
    return order
