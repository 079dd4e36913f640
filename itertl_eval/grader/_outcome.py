"""Outcome: what became of a job, and what it says about the design."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypedDict

from itertl_eval._util.wire import WireError, read, read_fields
from itertl_eval.verdict import Stage, Status, score_of

_SIGNALS = {
    0: "the simulator stopped by itself",
    9: "killed at a resource limit",
    11: "the simulator crashed: its own defect, or endless recursion in the design",
    24: "CPU time limit",
    25: "file size limit",
    27: "CPU time limit",
}
TIME_SIGNALS = {24, 27}
_STOOD_STILL = (
    "it stood still at time 0: processes without a delay trigger each other or never end (on "
    "Icarus 11 and 12 also always_comb blocks that write parts of one vector)"
)
_ABORT, _SEGMENTATION = 6, 11
LIMITS = {0, 25, *TIME_SIGNALS}
"""Endings that are the design's own doing; any other signal may be the machine's fault."""


@dataclass
class Case:
    """One test case that has run.

    `unexpected` marks a failure that is neither a failed assertion nor an early end of the
    simulation: a mistake in the testbench, or a value that it did not expect from a design.
    `broken` marks those among them that hint at the machine (OSError, ImportError). `ns` is the
    simulated time of a failure, known only while waveforms are recorded. `captured` holds lines
    that the testbench asked to have reported. `took` is the case's simulated time in nanoseconds.
    """

    name: str
    passed: bool
    message: str = ""
    unexpected: bool = False
    broken: bool = False
    ns: float | None = None
    captured: list[str] = field(default_factory=list)
    took: float = 0.0


class Message(TypedDict, total=False):
    """What a sample's process reports on its way: fields of its Outcome, and one more Case."""

    stage: Stage
    failed: str
    broken: str
    testbench_fault: bool
    retry: bool
    crashed: bool
    timeout: bool
    unsupported: bool
    pyverilog: bool
    prepared: bool
    moved: bool
    finished: bool
    cases_total: int
    case: Case
    running: str
    reached: float
    testbench: str
    depends: Mapping[str, str]
    volatile: str
    late: str
    cpu: float
    simulated: float


Send = Callable[[Message], None]


@dataclass
class Outcome:
    """What became of a job, as the processes of a worker observed it."""

    stage: Stage = "extract"
    """The stage that was entered last."""
    cases: list[Case] = field(default_factory=list)
    cases_total: int | None = None
    """Number of test cases that should run; None before the simulation starts."""
    pyverilog: bool | None = None
    """Whether pyverilog parses the design; None if it was not asked."""
    failed: str | None = None
    """Why the design fails, if it ended before its simulation."""
    unsupported: bool = False
    """`failed` is a gap of this simulator: the design is valid."""
    broken: str | None = None
    """What the machine or the testbench got wrong; nothing is known of the design then."""
    testbench_fault: bool = False
    """`broken` is the fault of the testbench."""
    retry: bool = False
    """An external cause ended the run, so that a second try may succeed."""
    crashed: bool = False
    """A tool crashed, which may be the machine's fault."""
    prepared: bool | None = None
    """Whether the compiled design is ready for its simulation; None until that is known."""
    moved: bool = False
    """Simulated time has advanced."""
    running: str = ""
    """The test case that runs now."""
    reached: float = 0.0
    """Simulated nanoseconds that have passed at least."""
    finished: bool = False
    """The testbench came to its end."""
    timeout: bool = False
    """Stopped at the limit of wall time, or the compiler at one of its limits."""
    signal: int = 0
    """The signal that ended the sample's process, 0 for none."""
    cpu: float = 0.0
    """CPU seconds of the whole run."""
    simulated: float = 0.0
    """CPU seconds of the simulation, if it finished."""
    exhausted: bool = False
    """The sample's process took more than half of its memory limit."""
    seconds: float = 0.0
    """Wall seconds of the last process."""
    said: str = ""
    """The end of what simulator and design printed: for people to read, never for a verdict."""

    testbench: str = ""
    """Hash of the testbench's files as they were imported."""
    depends: Mapping[str, str] = field(default_factory=dict)
    """Further files and folders that the testbench has read at import, with a hash of each."""
    volatile: str = ""
    """What the testbench did at import whose outcome no file determines; empty for nothing."""
    late: str = ""
    """Why the testbench was imported in the simulation; empty if it was not."""

    @property
    def ended(self) -> bool:
        """Whether the sample's process has reported all that it will."""
        return self.answered or self.broken is not None or self.prepared is not None

    @property
    def first_failure(self) -> Case | None:
        """The first test case that did not pass."""
        return next((case for case in self.cases if not case.passed), None)

    @property
    def out_of_memory(self) -> bool:
        """Whether the sample's process seems to have ended for lack of memory."""
        return self.signal in (_ABORT, _SEGMENTATION) and (
            self.exhausted or "bad_alloc" in self.said
        )

    @property
    def aborted(self) -> bool:
        """Whether the simulator gave up over a design because of its own defect.

        Endless recursion in a design ends in a segmentation fault, never so.
        """
        return self.stage == "simulate" and self.signal == _ABORT and not self.out_of_memory

    @property
    def answered(self) -> bool:
        """Whether the outcome says something about the design."""
        return self.finished or self.failed is not None

    @property
    def inconclusive(self) -> bool:
        """Whether compiler or simulator ended in a way that may be the machine's fault."""
        unanswered = not self.answered and not self.timeout
        return self.crashed or (unanswered and self.signal not in LIMITS)

    def update(self, message: object) -> None:
        """Add a message. Raises WireError if it is not a Message from JSON."""
        if type(message) is not dict or "cases" in message:
            raise WireError(f"not a message: {str(message)[:200]!r}")
        if (case := message.pop("case", None)) is not None:
            self.cases.append(read(Case, case))
        vars(self).update(read_fields(Outcome, message))


class Finding(NamedTuple):
    """What an outcome says about the design."""

    status: Status
    stage: Stage
    message: str

    def score(self, passed: int, total: int) -> float:
        """Return the score with so many test cases passed; 0 for an infrastructure error."""
        return 0.0 if self.status == "infra_error" else score_of(self.stage, passed, total)


def interpret(outcome: Outcome) -> Finding:
    """Return status, stage and message. Only a complete list of passed cases passes."""
    stage, cases = outcome.stage, outcome.cases
    if outcome.broken is not None:
        return Finding("infra_error", stage, outcome.broken)
    if outcome.failed is not None:
        return Finding("fail", stage, outcome.failed)
    if outcome.timeout:
        return Finding("fail", stage, f"stopped at its time limit{_place(outcome)}")
    total = outcome.cases_total
    complete = len(cases) == total or (cases and not cases[-1].passed)  # without `partial`
    if outcome.finished and total and complete:
        case = outcome.first_failure
        if case is None:
            return Finding("pass", "pass", "")
        return Finding(
            "infra_error" if case.broken else "fail", stage, f"{case.name}: {case.message}"
        )
    if outcome.finished and not total:
        return Finding("infra_error", stage, "the testbench ran no test case")
    if stage != "simulate" and not outcome.signal:
        return Finding("infra_error", stage, "the grading process ended without an answer")
    said = f"; it printed: {outcome.said}" if outcome.said else ""
    place = _place(outcome) if outcome.signal in TIME_SIGNALS else ""
    if outcome.aborted:
        return Finding("fail", stage, f"crashed the simulator (its own defect){said}")
    ending = _SIGNALS.get(outcome.signal, f"signal {outcome.signal}")
    if outcome.out_of_memory:
        ending = "out of memory"
    if stage == "simulate" and outcome.signal in TIME_SIGNALS and not outcome.moved:
        ending = f"{ending}; {_STOOD_STILL}"
    return Finding("fail", stage, f"ended before the testbench did ({ending}){place}{said}")


def _place(outcome: Outcome) -> str:
    """Where a run was when it was stopped."""
    case = f" in test case {outcome.running}" if outcome.running else ""
    time = (
        f" after more than {_duration(outcome.reached)} of simulated time"
        if outcome.reached
        else ""
    )
    return case + time


def _duration(ns: float) -> str:
    """A duration in the unit that makes it a short number."""
    unit, size = next((u for u in _UNITS if ns >= u[1]), _UNITS[-1])
    return f"{ns / size:.3g} {unit}"


_UNITS = [("s", 1e9), ("ms", 1e6), ("us", 1e3), ("ns", 1.0)]
