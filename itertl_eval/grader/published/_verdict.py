"""The published protocol's verdict on a sample, cached, and as a Verdict."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from itertl_eval.errors import ItertlError
from itertl_eval.grader._cache import grader_digest, key_of, verdict_cache
from itertl_eval.grader._item import Item
from itertl_eval.grader.compile import Icarus
from itertl_eval.grader.isolation import sandbox
from itertl_eval.grader.published._official import official
from itertl_eval.verdict import Stage, Status, Verdict


def official_of(item: Item, icarus: Icarus) -> dict[str, Any]:
    """Return the published protocol's verdict: {"passed", "label"}, cached if it is known.

    What goes wrong with one completion is not raised, because it must not cost our verdict.
    """
    problem = item.problem
    own = [problem.digest] if problem.harness else []
    facts = problem.suite, problem.id, *own, item.completion, icarus.name, grader_digest()
    key = key_of("official", *facts)
    known = verdict_cache().get(key) if item.cache else None
    if known is None:
        try:
            known = dict(official(problem, item.completion, unsafe=sandbox.unsafe()))
        except ItertlError:  # the protocol can't be used here at all
            raise
        except Exception as error:
            known = {"passed": None, "label": f"not graded: {type(error).__name__}: {error}"}
        label = known["label"]
        # A time limit may be hit or missed on another day.
        lasting = known["passed"] is not None and "time" not in label.lower() and label != "T"
        if item.cache and lasting:
            verdict_cache().put(key, known)
    return known


def as_published(blank: Verdict, started: float) -> Verdict:
    """Return a Verdict that holds the published protocol's result and nothing else."""
    assert blank.official is not None
    passed = blank.official["passed"]
    status: Status = "infra_error" if passed is None else "pass" if passed else "fail"
    return replace(
        blank,
        protocol="official",
        status=status,
        stage=_published_stage(blank),
        score=float(passed is True),
        message="" if passed else f"published protocol: {blank.official['label']}",
        seconds=round(time.monotonic() - started, 6),
    )


def _published_stage(blank: Verdict) -> Stage:
    """Return the stage closest to a published label, for readers: no score counts it."""
    assert blank.official is not None
    if blank.official["passed"]:
        return "pass"
    if blank.code is None or blank.official["passed"] is None:
        return "extract"
    label = blank.official["label"]
    if label in ("failed: syntax error.", "S"):
        return "syntax"
    # v2 has a letter for each of several compile errors.
    return "elaborate" if label in ("failed: compile error.", *"Ce0wmcp") else "simulate"
