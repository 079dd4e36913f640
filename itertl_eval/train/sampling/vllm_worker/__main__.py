"""Sample with vLLM in its own interpreter: requests on stdin, samples on stdout, as JSON lines.

It imports nothing from this package, because that environment only needs vLLM. The first line
of input has the engine's arguments, and the reply is the model's context length. Every further
line is one batch of requests, and the reply is one line of samples.
"""

import ctypes
import json
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main() -> None:
    # A killed trainer must not leave an engine on the GPU. vLLM ends its processes when this one
    # exits.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # vLLM and its libraries print to stdout, so the samples get another channel.
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
                logprobs=0,  # of the sampled token, at temperature 1
                **entry["sampling"],
            )
            for entry in batch
        ]
        found = engine.generate(prompts, params, lora_request=lora, use_tqdm=False)
        rows = []
        for each in found:
            output = each.outputs[0]
            ids = list(output.token_ids)
            logs = [at[token].logprob for token, at in zip(ids, output.logprobs, strict=True)]
            rows.append(
                {
                    "ids": ids,
                    "logprobs": logs,
                    "finish": output.finish_reason,
                    "stop": output.stop_reason,
                }
            )
        out.write(json.dumps(rows) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
