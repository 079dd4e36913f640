"""CVDP (NVIDIA): problems that are graded by the cocotb harness that each row brings."""

from itertl_eval.suites.cvdp._published_prompt import with_published_prompts
from itertl_eval.suites.cvdp._suite import NEEDS_YOSYS, SOURCES_OF, SUITES, load_cvdp, load_rows

__all__ = [
    "NEEDS_YOSYS",
    "SOURCES_OF",
    "SUITES",
    "load_cvdp",
    "load_rows",
    "with_published_prompts",
]
