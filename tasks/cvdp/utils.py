"""lm-eval loads this file by its path; everything real is in the package."""

from itertl_eval.lm_eval import VerilogTask

__all__ = ["VerilogTask"]
