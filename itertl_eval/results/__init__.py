"""Turn verdicts into numbers: pass@k, summaries, provenance."""

from itertl_eval.results._pass_at_k import (
    RTLLM_SKIPS,
    mean_and_error,
    pass_at_k,
    report_ks,
    rtllm_mean,
    v2_percent,
)
from itertl_eval.results._provenance import package_versions, protocol_card
from itertl_eval.results._summary import (
    COMPILED,
    FORGEABLE,
    WITHOUT_ERRATA,
    Summary,
    summarize,
)

__all__ = [
    "COMPILED",
    "FORGEABLE",
    "RTLLM_SKIPS",
    "WITHOUT_ERRATA",
    "Summary",
    "mean_and_error",
    "package_versions",
    "pass_at_k",
    "protocol_card",
    "report_ks",
    "rtllm_mean",
    "summarize",
    "v2_percent",
]
