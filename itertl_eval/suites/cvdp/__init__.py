"""CVDP (NVIDIA): problems that are graded by the cocotb harness that each row brings."""

from itertl_eval.suites.cvdp._published_prompt import with_published_prompts
from itertl_eval.suites.cvdp._suite import SOURCES_OF, SUITES, load_cvdp, load_rows, missing_tools

__all__ = [
    "SOURCES_OF",
    "SUITES",
    "load_cvdp",
    "load_rows",
    "missing_tools",
    "with_published_prompts",
]
