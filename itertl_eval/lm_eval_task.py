"""The old address of `itertl_eval.lm_eval`, for task folders made with version 0.1."""

from itertl_eval.lm_eval import *  # noqa: F403
