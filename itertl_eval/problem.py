"""The parts of a benchmark: Port, Prompt, Limits, Given, Problem and Suite."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from itertl_eval._util.testbench_files import files_digest
from itertl_eval.harness import Harness

Direction = Literal["input", "output", "inout"]
ParameterValue = int | float | str
"""The value of a module's parameter; a str is a Verilog string without its quotes."""
Parameters = Mapping[str, ParameterValue]
"""The values of a module's parameters by name."""


def literal(value: ParameterValue) -> str:
    """Return a parameter's value as Verilog text."""
    if not isinstance(value, str):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@dataclass(frozen=True)
class Port:
    """One port of a top module.

    `width` is in bits. `array` holds the unpacked dimensions of an array of such elements, such
    as "[0:3]", and is empty for a plain port.
    """

    name: str
    direction: Direction
    width: int = 1
    array: str = ""

    def __str__(self) -> str:
        return self.declaration("")

    def declaration(self, kind: str) -> str:
        """Return the declaration of the port as a net of this kind."""
        size = f"[{self.width - 1}:0]" if self.width > 1 else ""
        return " ".join(filter(None, (self.direction, kind, size, self.name, self.array)))

    @property
    def elements(self) -> list[str]:
        """The names of the elements of an array, or the name of a plain port."""
        ranges = [
            range(min(ends), max(ends) + 1)
            for ends in ((int(a), int(b)) for a, b in _DIMENSION.findall(self.array))
        ]
        return [
            self.name + "".join(f"[{index}]" for index in indices)
            for indices in itertools.product(*ranges)
        ]


_DIMENSION = re.compile(r"\[(-?\d+):(-?\d+)\]")


@dataclass(frozen=True)
class Prompt:
    """The parts of a prompt; a part that a benchmark lacks is empty.

    `header` is the module header that a completion continues. Without one the model writes the
    whole module.
    """

    description: str
    header: str = ""
    system: str = ""
    prefix: str = ""
    suffix: str = ""

    @property
    def text(self) -> str:
        """The prompt of a base model: prefix, description, header and suffix in that order."""
        return f"{self.prefix}{self.description}{self.header}{self.suffix}"


@dataclass(frozen=True)
class Limits:
    """What one sample may use before it is stopped.

    `wall` is seconds of wall time, `cpu` seconds of CPU time; `memory` and `file` are MiB.
    """

    wall: float = 30.0
    cpu: int = 20
    memory: int = 1024
    file: int = 16


@dataclass(frozen=True)
class Given:
    """What a problem gives to the compiler beside the completion.

    `modules` and `includes` are texts by file name: files that are compiled before the
    completion, and files that it may include. `defines` are macros and their values. `top` is the
    given module that the testbench drives, with its `ports`, if the completion is a part of it.
    """

    modules: Mapping[str, str] = field(default_factory=dict)
    includes: Mapping[str, str] = field(default_factory=dict)
    defines: Mapping[str, str] = field(default_factory=dict)
    top: str = ""
    ports: tuple[Port, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.modules or self.includes or self.defines)

    def __hash__(self) -> int:
        texts = (self.modules, self.includes, self.defines)
        return hash((*(tuple(each.items()) for each in texts), self.top, self.ports))


@dataclass(frozen=True)
class PublishedBench:
    """What a published harness puts beside a completion.

    v1: `test` holds bench and reference, `header` is the module header that the completion
    continues. v2: `test` and `reference` are files of their own, and `header` is the interface
    that is put before a completion without one (code completion only). rtllm: `test` is
    testbench.v and `files` are the data that it reads. `rejected_by` holds the
    major versions of Icarus Verilog that can't compile the bench.
    """

    version: Literal[1, 2, "rtllm"]
    test: str
    header: str = ""
    reference: str = ""
    rejected_by: frozenset[str] = frozenset()
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """A specification, the interface it asks for, and the means to grade a completion.

    `parameters` lists the parameter settings that the testbench runs against: one simulation
    each. `testbench` is None where nobody has written one yet; such a problem can be read but
    not graded. `equivalent` lists mutants of the reference that change nothing, for `check`: the
    changed line, or `old -> new`, and the reason. `published` is the benchmark's own test bench.
    `files` are the files and folders that the testbench may read while it runs: its own, never
    the reference. `environment` holds the variables that it finds in its environment; {NAME} in
    a value is replaced by the parameter of that name. `readmem` are files that lie in the folder
    in which a design is simulated, for `$readmemh`; they are among `files`. `given` is what is
    compiled with a completion. `sources` are the files that make up `reference`, each with its
    number of lines. `harness` is how a row is graded that brings a cocotb harness; its `testbench`
    is the script that the harness starts with, and `files` are the harness.
    """

    id: str
    suite: str
    top: str
    ports: tuple[Port, ...]
    prompt: Prompt
    reference: str = ""
    testbench: Path | None = None
    parameters: tuple[Parameters, ...] = ({},)
    limits: Limits = field(default_factory=Limits)
    tags: tuple[str, ...] = ()
    equivalent: Mapping[str, str] = field(default_factory=dict)
    published: PublishedBench | None = field(default=None, repr=False)
    files: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    readmem: tuple[Path, ...] = ()
    given: Given = field(default_factory=Given)
    sources: tuple[tuple[str, int], ...] = ()
    harness: Harness | None = None

    @property
    def inputs(self) -> tuple[Port, ...]:
        return tuple(port for port in self.ports if port.direction == "input")

    @property
    def outputs(self) -> tuple[Port, ...]:
        return tuple(port for port in self.ports if port.direction == "output")

    @property
    def simulated(self) -> str:
        """The module that the testbench drives: the completion's own, or a given one."""
        return self.given.top or self.top

    def place(self, line: int) -> str:
        """Return where a line of the reference is: "FILE:LINE", or "line LINE" of an only text."""
        number = line
        for name, lines in self.sources:
            if number <= lines:
                return f"{name}:{number}"
            number -= lines
        return f"line {line}"

    @property
    def digest(self) -> str:
        """Hash of everything that a verdict depends on besides the completion.

        It changes when a file of the testbench does.
        """
        testbench = files_digest(self.testbench, self.files)
        known, digest = self.__dict__.get("_digest", ("", ""))
        if known != testbench:
            digest = self._digest_with(testbench)
            self.__dict__["_digest"] = testbench, digest
        return str(digest)

    def _digest_with(self, testbench: str) -> str:
        facts = {
            "id": self.id,
            "top": self.top,
            "header": self.prompt.header,
            "ports": [_facts(port) for port in self.ports],
            "parameters": [dict(setting) for setting in self.parameters],
            "limits": asdict(self.limits),
            "testbench": testbench,
        }
        if self.environment:  # absent in the digests of earlier versions
            facts["environment"] = dict(self.environment)
        if self.readmem:
            facts["readmem"] = [path.name for path in self.readmem]
        if self.given:
            facts["given"] = asdict(self.given)
        if self.harness:
            facts["harness"] = self.harness.facts
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _facts(port: Port) -> dict[str, object]:
    """The fields of a port; without `array`, as in earlier versions, where it has none."""
    return {name: value for name, value in asdict(port).items() if value != ""}


class Suite(Mapping[str, Problem]):
    """A named, versioned, read-only collection of problems: task_id -> Problem."""

    def __init__(self, name: str, problems: Iterable[Problem], *, revision: str) -> None:
        self.name = name
        self.revision = revision
        self._problems = {problem.id: problem for problem in problems}

    def __getitem__(self, task_id: str) -> Problem:
        try:
            return self._problems[task_id]
        except KeyError:
            raise KeyError(f"{self.name} has no problem {task_id!r}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._problems)

    def __len__(self) -> int:
        return len(self._problems)

    def __repr__(self) -> str:
        return f"Suite({self.name!r}, {len(self)} problems, revision {self.revision[:12]!r})"

    @property
    def covered(self) -> tuple[str, ...]:
        """The ids of the problems that have a testbench, and no harness that is refused."""
        return tuple(
            key
            for key, problem in self.items()
            if problem.testbench is not None and not (problem.harness and problem.harness.refused)
        )
