"""Runs under the interpreter that has vLLM: requests on stdin, samples on stdout, JSON lines.

Stands alone on purpose: that environment needs vLLM and nothing of this package. The first
line in is the settings, every further line one batch of requests; each answer is one line.
"""

import json
import os
import sys


def main() -> None:
    # vLLM and its libraries print to stdout; the answers get a channel of their own.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    from vllm import LLM, SamplingParams
    from vllm.lora.request import LoRARequest

    first = json.loads(sys.stdin.readline())
    engine = LLM(**first["engine"])
    adapter = first.get("adapter")
    lora = LoRARequest("adapter", 1, adapter) if adapter else None
    for line in sys.stdin:
        batch = json.loads(line)
        prompts = [{"prompt_token_ids": entry["ids"]} for entry in batch]
        params = [
            SamplingParams(
                seed=entry["seed"],
                stop=["endmodule"] if entry["stop"] else None,
                include_stop_str_in_output=True,
                **first["sampling"],
            )
            for entry in batch
        ]
        found = engine.generate(prompts, params, lora_request=lora, use_tqdm=False)
        rows = [
            {
                "text": each.outputs[0].text,
                "ids": list(each.outputs[0].token_ids),
                "finish": each.outputs[0].finish_reason,
                "stop": each.outputs[0].stop_reason,
            }
            for each in found
        ]
        out.write(json.dumps(rows) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
