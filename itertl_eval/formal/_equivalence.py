"""Prove a candidate equivalent to a reference, or refute it with a counterexample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from itertl_eval.formal._hazards import hazard
from itertl_eval.formal._replay import Counterexample, refusal, replay
from itertl_eval.formal._yosys import require_yosys, run_prover
from itertl_eval.problem import Problem

SECONDS = 20
"""How long the prover may look for a proof of one candidate."""


@dataclass(frozen=True)
class Equivalence:
    """What is known of a candidate.

    Attributes:
        outcome: "proved": for all inputs it shows what the reference shows, wherever that is not
            X. "refuted": the simulator shows a difference, `counterexample`. "unknown": neither.
        reason: Why it is unknown.
        counterexample: The inputs that refute it.
        late: Unknown because the time was up; more of it may decide.
        power_on: A proof that counts from the reference's initial values. Others hold from any
            state at power-on, for what the inputs alone make known.
    """

    outcome: Literal["proved", "refuted", "unknown"]
    reason: str = ""
    counterexample: Counterexample | None = None
    power_on: bool = False
    late: bool = False


def prove_equivalent(
    problem: Problem,
    candidate: str,
    *,
    one_hot: Sequence[str] = (),
    seconds: int = SECONDS,
) -> Equivalence:
    """Compare a candidate with the reference of a problem for all inputs.

    Combinational circuits are compared by SAT, clocked ones by property directed reachability
    (an induction) from power-on, with all that nothing initialises at X. A refutation counts only
    if the simulator shows it, too.

    Args:
        problem: Its reference, top module, ports and first setting of the parameters are used.
        candidate: A design, as `extract` returns it; it may be hostile.
        one_hot: Inputs that have exactly one bit set.
        seconds: How long to look for a proof.

    Raises:
        InfrastructureError: Yosys is not installed, or this machine failed.
    """
    require_yosys()
    setting = problem.parameters[0] if problem.parameters else {}
    parameters = {name: value for name, value in setting.items() if isinstance(value, int)}
    if problem.given or len(parameters) < len(setting):
        return Equivalence("unknown", "files beside the design, or a parameter that is no integer")
    if arrays := [port.name for port in problem.ports if port.array]:
        return Equivalence("unknown", f"port {arrays[0]} is an array")
    if reason := refusal(problem, candidate):
        return Equivalence("unknown", f"candidate: {reason}")
    for name, text in (("reference", problem.reference), ("candidate", candidate)):
        if reason := hazard(text, problem.top, parameters):
            return Equivalence("unknown", f"{name}: {reason}")
    for power_on in (False, True):
        found = run_prover(
            problem,
            candidate,
            one_hot=one_hot,
            forget_initial=not power_on,
            seconds=seconds,
        )
        if "unsupported" in found:
            return Equivalence("unknown", found["unsupported"])
        if found["status"] == "SAT":
            seen = replay(problem, candidate, tuple(found["steps"]), found["clocks"])
            if seen is not None:
                return Equivalence("refuted", counterexample=seen)
            return Equivalence("unknown", "the simulator does not show the difference found")
        if found["status"] != "UNSAT":
            return Equivalence("unknown", f"no proof within {seconds} s", late=True)
        if not found["vacuous"]:
            return Equivalence("proved", power_on=power_on)
    return Equivalence("unknown", "no inputs are found that make the whole reference known")
