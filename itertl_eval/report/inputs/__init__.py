"""Read what a report is made of: lm-eval results, verdicts, training runs."""

from itertl_eval.report.inputs._sources import Report, collect
from itertl_eval.report.inputs._training import TrainingRun, read_run

__all__ = ["Report", "TrainingRun", "collect", "read_run"]
