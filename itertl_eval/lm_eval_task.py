"""Former name of `itertl_eval.lm_eval`, for task folders made with version 0.1."""

from itertl_eval.lm_eval import CorpusTask, VerilogTask, folder_task

__all__ = ["CorpusTask", "VerilogTask", "folder_task"]
