"""Runs under the interpreter that has vLLM: requests on stdin, samples on stdout, JSON lines.

Stands alone on purpose: that environment needs vLLM and nothing of this package. The first
line in is the engine's arguments, answered by the model's context length; every further line
is one batch of requests, answered by one line of samples.
"""

import ctypes
import json
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main() -> None:
    # A trainer that is killed must not leave an engine on the card: vLLM puts its processes away
    # as this one exits.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # vLLM and its libraries print to stdout; the answers get a channel of their own.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    from vllm import LLM, SamplingParams
    from vllm.lora.request import LoRARequest

    first = json.loads(sys.stdin.readline())
    engine = LLM(**first["engine"])
    adapter = first["adapter"]
    lora = LoRARequest("adapter", 1, adapter) if adapter else None
    out.write(f"{engine.llm_engine.model_config.max_model_len}\n")
    out.flush()
    for line in sys.stdin:
        batch = json.loads(line)
        prompts = [{"prompt_token_ids": entry["ids"]} for entry in batch]
        params = [
            SamplingParams(
                stop=["endmodule"] if entry["stop"] else None,
                logprobs=0,  # that of the token drawn, at temperature 1
                **entry["sampling"],
            )
            for entry in batch
        ]
        found = engine.generate(prompts, params, lora_request=lora, use_tqdm=False)
        rows = []
        for each in found:
            drawn = each.outputs[0]
            ids = list(drawn.token_ids)
            logs = [at[token].logprob for token, at in zip(ids, drawn.logprobs, strict=True)]
            rows.append(
                {
                    "ids": ids,
                    "logprobs": logs,
                    "finish": drawn.finish_reason,
                    "stop": drawn.stop_reason,
                }
            )
        out.write(json.dumps(rows) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
