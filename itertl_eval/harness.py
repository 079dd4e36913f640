"""Harness: a published cocotb harness as its row holds it, and the simulations that it asks for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Service:
    """One run of a harness: a Python script under some environment variables.

    `script` is its path below the harness's folder. `pytest` tells whether pytest runs its test
    functions; otherwise it is run as a program. `tool` names the program by which a script grades
    that simulates nothing: "yosys" for synthesis, "verilator" for lint.
    """

    name: str
    script: str
    pytest: bool
    environment: Mapping[str, str] = field(default_factory=dict)
    tool: str = ""


@dataclass(frozen=True)
class Harness:
    """How a row of a published benchmark is graded: by its own scripts.

    Attributes:
        folder: Where the files of the harness are.
        services: Its runs; a completion has to pass all of them.
        targets: The files that the completion has to write, as paths such as "rtl/fifo.sv".
        modules: For each of them the modules by which it may be found in a completion.
        known: The modules that the other files define.
        context: The other files of the row, and earlier versions of `targets`, by path.
        refused: Why this harness can't be run here; empty as a rule.
    """

    folder: Path
    services: tuple[Service, ...]
    targets: tuple[str, ...]
    modules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)
    known: tuple[str, ...] = ()
    refused: str = ""

    @property
    def facts(self) -> dict[str, object]:
        """What a verdict depends on besides the harness's files and the completion."""
        facts = asdict(self)
        del facts["folder"]
        return facts

    @property
    def digest(self) -> str:
        """Hash of `facts`."""
        return hashlib.sha256(json.dumps(self.facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Simulation:
    """One simulation of a design, as the runner of a harness asks for it.

    Attributes:
        service: The service that asks for it.
        sources: The files to compile, in this order, by path.
        top: The top module, which is the root of the simulation.
        module: The file with the cocotb tests, as a path below the harness's folder.
        parameters: Values of the top module's parameters, as text for the compiler.
        defines: Macros and their values.
        includes: Folders with files to include.
        timescale: Unit and precision where a source names none, such as "1ns/1ps".
        plusargs: Arguments of the simulator that begin with a plus.
        environment: Variables that the tests find in their environment.
        tests: A regular expression for the names of the tests to run; empty for all.
        seed: The seed of the simulation if the harness names one.
    """

    service: str
    sources: tuple[str, ...]
    top: str
    module: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    defines: Mapping[str, str] = field(default_factory=dict)
    includes: tuple[str, ...] = ()
    timescale: str = ""
    plusargs: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    tests: str = ""
    seed: int | None = None

    def __str__(self) -> str:
        """The setting, for messages: "service direct, WIDTH=4, +N=8"."""
        values = [f"{name}={value}" for name, value in self.parameters.items()]
        return ", ".join([f"service {self.service}", *values, *self.plusargs])
