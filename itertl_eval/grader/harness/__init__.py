"""Published cocotb harnesses: what their own runners ask for, each simulation in the sandbox."""

from itertl_eval.grader.harness._plan import HarnessError, simulations_of
from itertl_eval.grader.harness._published import published_files, published_label
from itertl_eval.grader.harness._simulate import grade_by_harness, tool_versions_of

__all__ = [
    "HarnessError",
    "grade_by_harness",
    "published_files",
    "published_label",
    "simulations_of",
    "tool_versions_of",
]
