"""itertl-eval solve: several turns with feedback."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from itertl_eval._util.options import add_jobs, positive
from itertl_eval._util.output_files import open_output
from itertl_eval.errors import InfrastructureError, UsageError

if TYPE_CHECKING:
    from itertl_eval.problem import Suite
    from itertl_eval.solve import Conversation


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "solve",
        help="let a model try again after feedback: pass@1 after k turns",
        description="Ask a model behind an OpenAI-compatible chat API, grade its completion, say "
        "what is wrong (the compiler's message or the first mismatch) and let it try again. Report "
        "pass@1 after each number of turns; the first is ordinary pass@1. An interrupted run with "
        "--output continues where it stopped. The key is read from OPENAI_API_KEY.",
    )
    parser.add_argument("--task", required=True, help="suite name, or a task folder")
    parser.add_argument("--model", required=True, help="the model's name at the server")
    parser.add_argument("--base-url", help="default: OPENAI_BASE_URL, or OpenAI's own")
    parser.add_argument("--turns", type=positive, default=3, help="default: 3")
    parser.add_argument("--samples", type=positive, default=1, help="per problem (default: 1)")
    parser.add_argument("--temperature", type=float, default=0.0, help="default: 0")
    parser.add_argument("--max-tokens", type=positive, default=2048, help="default: 2048")
    parser.add_argument("--requests", type=positive, default=8, help="at a time (default: 8)")
    parser.add_argument("--limit", type=positive, help="only the first N problems")
    parser.add_argument(
        "--output", type=Path, metavar="FILE.jsonl", help="one row per conversation"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    add_jobs(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from itertl_eval._util.progress import Progress
    from itertl_eval.grader import require_testbenches
    from itertl_eval.solve import solve
    from itertl_eval.suites import load_suite

    suite = load_suite(options.task)
    problems = list(suite.values())[: options.limit]
    require_testbenches(problems)
    ask = _ask(options)
    names = "model", "temperature", "max_tokens"
    sampling = {name: getattr(options, name) for name in names}
    wanted = {(problem.id, sample) for problem in problems for sample in range(options.samples)}
    found: list[Conversation] = []
    with contextlib.ExitStack() as stack:
        output: Path | None = options.output
        file = None
        if output is not None:
            file = stack.enter_context(open_output("--output", output))
            found += [
                each
                for each in _read(output, file, suite, sampling)
                if (each.task_id, each.sample) in wanted and each.complete(options.turns)
            ]
        conversations = solve(
            problems,
            ask,
            turns=options.turns,
            samples=options.samples,
            requests=options.requests,
            jobs=options.jobs,
            done=list(found),
        )
        with Progress(
            f"solving {options.task}", len(wanted), "conversation", done=len(found)
        ) as bar:
            for conversation in conversations:
                found.append(conversation)
                if file is not None:
                    row = {**conversation.as_row(), "sampling": sampling}
                    file.write(json.dumps(row) + "\n")
                    file.flush()
                bar.update()
    return _show(found, options)


def _read(
    output: Path, file: TextIO, suite: Suite, sampling: Mapping[str, Any]
) -> list[Conversation]:
    """Return the conversations in the output, which is then ready for more."""
    from itertl_eval.solve import mend_end, read_conversations

    if not output.is_file():  # a device or a pipe
        return []
    done = read_conversations(output, sampling)
    if strange := next((each.task_id for each in done if each.task_id not in suite), None):
        raise UsageError(f"{output} is about other problems ({strange}); choose another --output")
    mend_end(file, output)
    return done


def _show(found: list[Conversation], options: argparse.Namespace) -> int:
    """Print what was found and return the exit code."""
    from itertl_eval.solve import pass_after_turns

    rates = pass_after_turns(found, options.turns)
    ungraded = sum(each.ungraded for each in found)
    if options.json:
        shown = {
            str(k): {"value": v, "stderr": None if math.isnan(e) else e}
            for k, (v, e) in rates.items()
        }
        print(json.dumps({"pass@1_after_turns": shown, "ungraded": ungraded}, indent=2))
    else:
        for turn, (value, error) in rates.items():
            spread = "" if math.isnan(error) else f" ± {error:.4f}"
            print(f"  pass@1 after {turn} turn{'s'[: turn != 1]}  {value:.4f}{spread}")
        if ungraded:
            print(f"  NOT GRADED {ungraded} (infrastructure errors; not counted above)")
    return 3 if ungraded else 0


def _ask(options: argparse.Namespace) -> Callable[[Sequence[dict[str, str]]], str]:
    try:
        import openai
    except ModuleNotFoundError:
        raise UsageError("solve needs: pip install 'itertl-eval[solve]'") from None
    key = os.environ.get("OPENAI_API_KEY") or ("none" if options.base_url else None)
    if key is None:
        raise UsageError("set OPENAI_API_KEY, or --base-url for a server without keys")
    client = openai.OpenAI(base_url=options.base_url, api_key=key, max_retries=8)

    def ask(messages: Sequence[dict[str, str]]) -> str:
        try:
            answer = client.chat.completions.create(
                model=options.model,
                messages=cast(Any, list(messages)),
                temperature=options.temperature,
                max_tokens=options.max_tokens,
            )
        except openai.OpenAIError as error:
            where = options.base_url or client.base_url
            raise InfrastructureError(f"the model at {where} did not answer: {error}") from error
        return answer.choices[0].message.content or ""

    return ask
