"""Job: one design under one parameter setting, as the processes of a worker receive it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import NamedTuple

from itertl_eval._util.wire import Kept
from itertl_eval.grader._outcome import Send
from itertl_eval.harness import Simulation
from itertl_eval.problem import Given, Parameters, Port, Problem
from itertl_eval.verdict import Order

DESIGN = "design.vvp"
"""The compiled design, in the folder of the process that works on it."""
_TAKES_TIME = re.compile(
    r"#(?!\s*+\((?:\s*+(?:parameter|localparam)\b|\s*+\.\s*+[A-Za-z_]))"
    r"|\$(?!(?:signed|unsigned|clog2|bits)\b)"
)
"""All but parameter lists, and functions that depend on nothing but their arguments."""
_SPECIFY = re.compile(r"\bspecify\b")


class Seconds(NamedTuple):
    """CPU seconds of a whole run, and of the simulation in it."""

    run: float
    simulation: float


@dataclass(frozen=True)
class Frame(Kept):
    """What is around a design: the same for all designs of a problem, under one setting.

    `top` is the design's module and `given` what is compiled with it; `ports` and `parameters` are
    those of the module that is simulated, `given.top` or the design's own.
    """

    top: str
    testbench: str
    ports: tuple[Port, ...] = ()
    parameters: Parameters = field(default_factory=dict)
    files: tuple[str, ...] = ()
    """Files and folders that the testbench may read; see Problem."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that the testbench finds in its environment."""
    readmem: tuple[str, ...] = ()
    """Files to copy into the folder of the simulation, for `$readmemh`."""
    given: Given = field(default_factory=Given)
    module_ports: tuple[Port, ...] = ()
    """The ports of module `top` if another one is simulated."""


@dataclass(frozen=True)
class Job:
    """One design to compile and simulate, and its limits.

    `wall`, `cpu` and `simulation` are seconds: wall time, CPU time of the run, CPU time of the
    simulation in it. `memory` and `file` are MiB. `nonce` makes the names in the harness new for
    each job.
    """

    source: str
    frame: Frame
    seed: int
    nonce: str
    wall: float
    cpu: float
    simulation: float
    memory: int
    file: int
    partial: bool = True
    """Go on after a test case that fails, for a partial score."""
    order: Order = "written"
    """The order in which the test cases run."""
    data: Mapping[str, str] = field(default_factory=dict)
    """Further files for the folder of the simulation: texts by name."""
    most_ns: Mapping[str, float] = field(default_factory=dict)
    """For test cases by name, the simulated nanoseconds after which one has failed."""
    waves: str | None = None
    """The format of the waveform file to record (vvp's option), if any."""
    second_look: bool = True
    """Compare the outputs also before the end of each step."""
    asked: Simulation | None = None
    """What a published harness asks for; the design's module is then the root."""


@dataclass(frozen=True)
class CompileJob:
    """What the compile server compiles: the design's text and what surrounds it.

    `prelude` precedes the design: a time scale and the module around it, which is the player or,
    for a plain testbench, the wrapper. `root` is the name of that module, `instance` the full
    name of the design in it. With `bare` the design is the root itself, and `settings` are further
    lines for the compiler. Limits as in Job.
    """

    source: str
    frame: Frame
    prelude: str
    root: str
    instance: str
    cpu: float
    memory: int
    file: int
    bare: bool = False
    settings: tuple[str, ...] = ()


def make_job(
    problem: Problem,
    code: str,
    parameters: Parameters,
    seed: int,
    limit: Seconds | None = None,
    *,
    partial: bool = True,
    order: Order = "written",
    most_ns: Mapping[str, float] | None = None,
) -> Job:
    """Return the job for one design under one setting of the problem's parameters.

    Args:
        problem: The problem that the design solves; it has a testbench.
        code: The design's source.
        parameters: The values that the testbench runs with.
        seed: Seed of the simulation.
        limit: CPU time. Default: the problem's own limit for both.
        partial: See Job.
        order: See Job.
        most_ns: See Job.
    """
    limits = problem.limits
    return Job(
        source=code,
        frame=_frame(problem, parameters),
        seed=seed,
        nonce=os.urandom(8).hex(),
        wall=limits.wall,
        cpu=ceil(limit.run) if limit else limits.cpu,
        simulation=limit.simulation if limit else limits.cpu,
        memory=limits.memory,
        file=limits.file,
        partial=partial,
        order=order,
        most_ns=most_ns or {},
        second_look=bool(problem.given) or may_take_time(code),
    )


def _frame(problem: Problem, parameters: Parameters) -> Frame:
    """Return what is around the designs of a problem; it is kept with the problem."""
    frames: dict[str, Frame] = vars(problem).setdefault("_frames", {})
    key = str(dict(parameters))  # 1 is not 1.0
    if key not in frames:
        from itertl_eval.verilog import expected_ports  # imports pyslang, too large for a fork

        frames[key] = Frame(
            top=problem.top,
            testbench=str(problem.testbench),
            ports=expected_ports(problem, parameters),
            parameters=dict(parameters),
            files=tuple(map(str, problem.files)),
            environment=fill_in(problem.environment, parameters),
            readmem=tuple(map(str, problem.readmem)),
            given=problem.given,
            module_ports=problem.ports if problem.given.top else (),
        )
    return frames[key]


def may_take_time(code: str) -> bool:
    """Return whether anything in a design may happen later than the change that causes it.

    Every delay begins with `#` or stands in a specify block, and only a system function can read
    the time. In any other design the outputs don't change between one step and the next.
    """
    if _TAKES_TIME.search(code) is not None:
        return True
    return "specify" in code and _SPECIFY.search(code) is not None  # much faster than one search


def fill_in(environment: Mapping[str, str], parameters: Parameters) -> dict[str, str]:
    """Return variables with the value of each parameter in place of its {NAME}."""
    filled = {}
    for variable, text in environment.items():
        for name, value in parameters.items():
            text = text.replace(f"{{{name}}}", str(value))
        filled[variable] = text
    return filled


def provide(job: Job, folder: Path) -> None:
    """Copy the files that a design may read with `$readmemh` into the folder of its simulation."""
    for file in job.frame.readmem:
        shutil.copyfile(file, folder / Path(file).name)
    for name, text in job.data.items():
        with (folder / name).open("x", encoding="utf-8", errors="replace") as output:
            output.write(text)


def clear(folder: Path) -> None:
    """Empty a folder, which holds few files as a rule."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)  # noqa: PTH108 (Path is slower)


def attempt(act: Callable[[], bool], report: Send) -> bool:
    """Return what `act` returns; report what it raises and return False.

    An error of the operating system is the machine's fault. Any other exception may be a
    design's doing, so it counts as a crash: the design fails, unless a good design ends likewise.
    """
    try:
        return act()
    except MemoryError:
        report({"failed": "out of memory"})
    except OSError as error:
        report({"broken": f"{type(error).__name__}: {error}", "retry": True})
    except BaseException as error:
        message = f"the grader could not handle this design ({type(error).__name__}: {error})"
        report({"failed": message[:500], "crashed": True})
    return False
