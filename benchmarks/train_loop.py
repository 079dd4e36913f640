"""Time that one round of the training loop costs besides model and grader.

    python benchmarks/train_loop.py [--samples 100000] [--instructions 27000] [--rate 500]
        [--text] [--backlog] [--json]

The sampler returns ready completions at once, and the grader returns a verdict at once, so all
time is the loop's: prompts, files, hand-over to the graders, verdicts, candidates, groups and
hashes. It is CPU time, so other programs on the machine do not matter, and it is compared with
the time that a sampler of `--rate` completions per second would take: vLLM wrote 197 per second
on an H100 with a model of 135 million parameters (docs/train.md), and larger models are slower.
The smaller round with half of everything shows whether the cost is linear. The start of a run,
which encodes and hashes all instructions once, is not part of a round.

    --text      completions without token ids, as from a server
    --backlog   no verdict comes before all completions are sampled
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, ClassVar

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from itertl_eval.problem import Port, Problem, Prompt
from itertl_eval.train._training_set import TrainingSet
from itertl_eval.train.config import make_recipe
from itertl_eval.train.data import Instruction
from itertl_eval.train.models import Encoder
from itertl_eval.train.outputs import metrics
from itertl_eval.train.run import Phase, digest
from itertl_eval.train.sampling import Sample, SamplingParams, SamplingPlan, sample_all
from itertl_eval.train.scoring import Graders, GradingPhase, inputs_of
from itertl_eval.verdict import Verdict

BATCH = 256
HEADER = "module top (\n    input [7:0] a,\n    input [7:0] b,\n    output [7:0] y\n);\n"
BODY = "    wire [7:0] t{n} = a {op} b;\n"


def body(number: int) -> str:
    """Return a completion of about 200 tokens that differs from all others."""
    lines = "".join(BODY.format(n=n, op="&|^+"[(number >> n) & 3]) for n in range(16))
    return f"// {number}\n{lines}    assign y = t{number % 16};\nendmodule\n"


def make_encoder() -> Encoder:
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.train_from_iterator(
        [HEADER, *(body(n) for n in range(50))],
        trainers.BpeTrainer(
            vocab_size=600,
            special_tokens=["<s>", "</s>"],
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        ),
    )
    return Encoder(
        PreTrainedTokenizerFast(tokenizer_object=core, bos_token="<s>", eos_token="</s>")
    )


def make_instructions(count: int, testbench: Path) -> list[Instruction]:
    ports = (Port("a", "input", 8), Port("b", "input", 8), Port("y", "output", 8))
    return [
        Instruction(
            Problem(
                f"p{n:06}",
                "bench",
                "top",
                ports,
                Prompt(f"// Combine a and b, variant {n}.\n", HEADER),
                testbench=testbench,
            ),
            None,
        )
        for n in range(count)
    ]


class ReadySampler:
    """Returns the same completions for the same requests, with or without token ids."""

    def __init__(self, ready: dict[tuple[str, int], Sample]) -> None:
        self.settings = SamplingParams(1.0, 1.0, 512, BATCH)
        self.ready = ready

    def sample(self, requests: Sequence[Any]) -> Iterator[list[Sample]]:
        yield [self.ready[request.key] for request in requests]

    def close(self) -> None:
        pass


class ReadyExecutor(Executor):
    """Passes every fourth sample; with `backlog`, not before `release` is called."""

    backlog = False
    held: ClassVar[list[tuple[Future[Verdict], Verdict]]] = []

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def submit(self, _: Callable[..., Any], /, *args: Any, **__: Any) -> Future[Any]:
        (item,) = args
        good = item.sample % 4 == 0
        verdict = Verdict(
            task_id=item.problem.id,
            sample=item.sample,
            status="pass" if good else "fail",
            stage="pass" if good else "simulate",
            score=1.0 if good else 0.35,
            cases_passed=int(good),
            cases_total=1,
            message="" if good else f"y: expected {item.sample}, got 0",
            seconds=0.0,
            cached=False,
            seed=0,
        )
        future: Future[Verdict] = Future()
        if self.backlog:
            self.held.append((future, verdict))
        else:
            future.set_result(verdict)
        return future

    @classmethod
    def release(cls) -> None:
        """Let all verdicts come."""
        cls.backlog = False
        for future, verdict in cls.held:
            future.set_result(verdict)
        cls.held.clear()


def one_round(
    instructions: list[Instruction], per_instruction: float, *, text: bool, backlog: bool
) -> tuple[int, dict[str, float]]:
    """Return (number of samples, seconds by part) of one round."""
    encoder = make_encoder()
    recipe = make_recipe(objective="rft")
    count = max(1, round(per_instruction))
    plan = SamplingPlan(
        "round", instructions, count, 0, SamplingParams(1.0, 1.0, 512, BATCH), False
    )
    ready: dict[tuple[str, int], Sample] = {}
    for at, instruction in enumerate(instructions):
        for number in range(count):
            one = body(at * count + number)
            ids = None if text else encoder.tokenizer(one)["input_ids"]
            ready[instruction.id, number] = Sample(
                instruction.id, number, one, ids, None if text else -0.5, "eos"
            )
    for instruction in instructions:  # the start of a run does both
        encoder.prompt(instruction.problem.prompt)
        assert instruction.digest
    seconds: dict[str, float] = {}
    mark = time.process_time()

    def lap(name: str) -> None:
        nonlocal mark
        now = time.process_time()
        seconds[name] = seconds.get(name, 0.0) + now - mark
        mark = now

    with tempfile.TemporaryDirectory() as folder:
        graders = Graders(16, f"{__name__}:ReadyExecutor")
        with graders.open():
            ReadyExecutor.backlog = backlog
            mark = time.process_time()
            phase = Phase(Path(folder, "sample"), plan.facts("model", encoder))
            grade = Phase(
                Path(folder, "grade"), inputs_of(phase.inputs, instructions, "functional", 0)
            )
            grading = GradingPhase(
                grade, instructions, graders, preset="functional", seed=0, label="grade"
            )
            lap("phases")
            samples = sample_all(
                phase, plan, encoder, lambda: ReadySampler(ready), "sample", grading.feed
            )
            lap("sample and hand over")
            ReadyExecutor.release()
            scores = grading.result(samples)
            lap("verdicts")
            training_set = TrainingSet(recipe.objective, instructions, {}, encoder)
            fresh = training_set.candidates(samples, scores)
            lap("candidates")
            groups, _ = training_set.groups(instructions, fresh)
            training_set.remember(fresh)
            lap("groups")
            digest([group.as_row() for group in groups])
            lap("hash of the groups")
            metrics.sample_facts(samples, scores)
            lap("facts")
    return len(samples), seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--instructions", type=int, default=27_000)
    parser.add_argument("--rate", type=float, default=200.0, help="completions per second")
    parser.add_argument("--text", action="store_true")
    parser.add_argument("--backlog", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    testbench = Path(tempfile.mkdtemp(), "test_top.py")
    testbench.write_text("# never run here\n")
    for part in (2, 1):
        instructions = make_instructions(options.instructions // part, testbench)
        per = options.samples / options.instructions
        samples, seconds = one_round(instructions, per, text=options.text, backlog=options.backlog)
        total = sum(seconds.values())
        model = samples / options.rate
        rows.append(
            {
                "samples": samples,
                "instructions": len(instructions),
                "seconds": {name: round(value, 2) for name, value in seconds.items()},
                "total": round(total, 2),
                "share": round(total / (total + model), 4),
            }
        )
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        print(f"{row['samples']} samples, {row['instructions']} instructions")
        for name, value in row["seconds"].items():
            print(f"  {name:24} {value:8.2f} s")
        print(
            f"  {'total':24} {row['total']:8.2f} s, {100 * row['share']:.1f} % of a round at "
            f"{options.rate:g} completions per second"
        )


if __name__ == "__main__":
    main()
