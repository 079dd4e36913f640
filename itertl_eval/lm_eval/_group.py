"""The group `verilog_all`: every benchmark whose data is on this machine."""

from __future__ import annotations

import logging

from itertl_eval.suites import HARNESSED, PUBLISHED, SHIPPED, lacking

log = logging.getLogger(__name__)


def tasks_at_hand() -> list[str | dict[str, str]]:
    """Return the tasks of all benchmarks that can run here; log which are left out, and why.

    Nothing is downloaded. `rtl_core` needs no data and is always among them; it has no published
    harness and is graded by its own testbenches whatever protocol the group is run with.
    """
    reasons = {name: lacking(name) for name in [*PUBLISHED, *HARNESSED, *SHIPPED]}
    for name, reason in reasons.items():
        if reason:
            log.warning(f"verilog_all leaves out {name}: {reason}")
    return [
        {"task": name, "protocol": "cocotb"} if name in SHIPPED else name
        for name, reason in reasons.items()
        if not reason
    ]
