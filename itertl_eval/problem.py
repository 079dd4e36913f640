"""The parts of a benchmark: Port, Prompt, Limits, Problem and Suite."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from itertl_eval._util.testbench_files import files_digest

Direction = Literal["input", "output", "inout"]


@dataclass(frozen=True)
class Port:
    """One port of a top module; `width` is in bits."""

    name: str
    direction: Direction
    width: int = 1

    def __str__(self) -> str:
        size = f"[{self.width - 1}:0] " if self.width > 1 else ""
        return f"{self.direction} {size}{self.name}"


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
    in which a design is simulated, for `$readmemh`; they are among `files`.
    """

    id: str
    suite: str
    top: str
    ports: tuple[Port, ...]
    prompt: Prompt
    reference: str = ""
    testbench: Path | None = None
    parameters: tuple[Mapping[str, int], ...] = ({},)
    limits: Limits = field(default_factory=Limits)
    tags: tuple[str, ...] = ()
    equivalent: Mapping[str, str] = field(default_factory=dict)
    published: PublishedBench | None = field(default=None, repr=False)
    files: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    readmem: tuple[Path, ...] = ()

    @property
    def inputs(self) -> tuple[Port, ...]:
        return tuple(port for port in self.ports if port.direction == "input")

    @property
    def outputs(self) -> tuple[Port, ...]:
        return tuple(port for port in self.ports if port.direction == "output")

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
            "ports": [asdict(port) for port in self.ports],
            "parameters": [dict(setting) for setting in self.parameters],
            "limits": asdict(self.limits),
            "testbench": testbench,
        }
        if self.environment:  # absent in the digests of earlier versions
            facts["environment"] = dict(self.environment)
        if self.readmem:
            facts["readmem"] = [path.name for path in self.readmem]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


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
        """The ids of the problems that have a testbench."""
        return tuple(key for key, problem in self.items() if problem.testbench is not None)
