"""One rank of an evaluation on CPU: `ranked.py MODEL OUTPUT`, alone or under torchrun.

lm-eval's hf back end takes part in a multi-process run only with a GPU for each rank; here this
sets a rank on CPU. Sharing out, padding and gathering are lm-eval's own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch.distributed
from accelerate import Accelerator
from lm_eval.models.huggingface import HFLM

from itertl_eval import load_suite
from tests.lm_eval_harness.run import completions, evaluate, numbers


class RankedHF(HFLM):
    """The model, except that every second problem gets its reference: some verdicts must pass."""

    def __init__(self, pretrained: str) -> None:
        super().__init__(pretrained, device="cpu", backend="causal")
        self.accelerator = Accelerator(cpu=True)
        self._rank, self._world_size = (
            self.accelerator.process_index,
            self.accelerator.num_processes,
        )

    def generate_until(self, requests, disable_tqdm=False):
        suite = load_suite("rtl_core")
        said = super().generate_until(requests, disable_tqdm=disable_tqdm)
        return [
            suite[request.doc["task_id"]].reference if request.doc_id % 2 == 0 else text
            for request, text in zip(requests, said, strict=True)
        ]


def main(model: str, output: str) -> None:
    results = evaluate(
        ["rtl_core"],
        RankedHF(model),
        {},
        limit=5,
        metadata={"n_samples": 2},
        gen_kwargs="max_gen_toks=16",
    )
    if results is not None:  # on the first rank
        docs = [sample["doc"]["task_id"] for sample in results["samples"]["rtl_core"]]
        found = {
            "numbers": numbers(results),
            "completions": dict(zip(docs, completions(results), strict=True)),
        }
        Path(output).write_text(json.dumps(found))
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
