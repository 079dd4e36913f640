"""What `equivalent:` of a problem lists is not refuted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from itertl_eval import load_suite
from itertl_eval.authoring import mutants
from itertl_eval.authoring.soundness._mutants import listed_reason
from itertl_eval.authoring.soundness._variants import with_defaults
from itertl_eval.formal import prove_equivalent

pytestmark = [pytest.mark.formal, pytest.mark.simulator, pytest.mark.slow]

OPEN = {
    ("axis_downsizer", "2'd0 -> 2'd3"),  # data that is not valid
    # How soon `src_busy` falls. This takes the solver about as long as it has.
    ("pulse_synchroniser", "acknowledge, acknowledge1 -> acknowledge1, acknowledge"),
}
"""Here the specification leaves open what the reference decides."""


def test_no_listed_mutant_of_rtl_core_is_refuted_but_by_inputs_that_the_text_leaves_open():
    outcomes: Counter[str] = Counter()
    refuted = set()
    for name, problem in load_suite("rtl_core").items():
        for setting in problem.parameters if problem.equivalent else ():
            source = with_defaults(problem, setting)
            here = replace(problem, reference=source, parameters=(setting,))
            listed = mutants(
                source, problem.top, keep=lambda m, p=problem: bool(listed_reason(p, m))
            )
            for mutant in listed:
                proof = prove_equivalent(here, mutant.source, seconds=5)
                outcomes[proof.outcome] += 1
                if proof.outcome == "refuted":
                    refuted.add((name, mutant.description))
    assert refuted <= OPEN
    assert outcomes["proved"] > outcomes["unknown"] > 0
