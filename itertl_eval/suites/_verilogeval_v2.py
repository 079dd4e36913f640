"""Load VerilogEval v2 (arXiv 2408.11053): v1's circuits with new descriptions, two tasks."""

from __future__ import annotations

import re
from typing import Literal

from itertl_eval.errors import UsageError
from itertl_eval.problem import Problem, Prompt, PublishedBench, Suite
from itertl_eval.suites._data import SOURCES, Files, read_source
from itertl_eval.suites._errata import rejecting_simulators
from itertl_eval.suites._verilogeval import header_ports, prompt_constants, testbench_of

Task = Literal["spec-to-rtl", "code-complete-iccad2023"]
TOP_V2 = "TopModule"
MAX_SHOTS = 4
SUITES: dict[Task, str] = {
    "spec-to-rtl": "verilogeval_spec_to_rtl",
    "code-complete-iccad2023": "verilogeval_code_complete",
}


def load_v2(task: Task, shots: int = 0, rules: bool = False) -> Suite:
    """Load VerilogEval v2: 156 problems that ask for a whole module or for its completion.

    The prompts are those of the published scripts/sv-generate, with the system message separate.

    Args:
        task: Write a module from a specification, or complete a given header.
        shots: Number of worked examples in the prompt, 0 to 4.
        rules: Include the coding conventions, which exist for spec-to-rtl only.

    Raises:
        UsageError: The published script does not offer this combination.
    """
    if task not in SUITES:
        raise UsageError(f"no VerilogEval v2 task {task!r}; there are: {', '.join(SUITES)}")
    if shots not in range(MAX_SHOTS + 1):
        raise UsageError(f"VerilogEval v2 has examples for 0 to {MAX_SHOTS} shots, not {shots}")
    if rules and task != "spec-to-rtl":
        raise UsageError("the rules block belongs to spec-to-rtl; code completion has none")
    source = SOURCES["verilog-eval-v2"]
    files = read_source(source.name)
    prompt = re.compile(rf"dataset_{re.escape(task)}/(Prob\d+_(\w+))_prompt\.txt")
    found = (prompt.fullmatch(path) for path in sorted(files))
    problems = (_problem(files, task, m[1], m[2], shots, rules) for m in found if m)
    return Suite(SUITES[task], problems, revision=source.revision)


def _problem(files: Files, task: Task, key: str, circuit: str, shots: int, rules: bool) -> Problem:
    stem = f"dataset_{task}/{key}"
    reference = _reference(files, task, key)
    examples = ""
    if shots:
        examples = files[f"scripts/verilog-example-prefix_{task}_{shots}-shot.txt"].decode()
    asked = files[f"{stem}_prompt.txt"].decode()
    if task == "spec-to-rtl":
        prompt = _spec_to_rtl(asked, examples, rules)
    else:
        prompt = _code_complete(asked, examples)
    ports = header_ports(reference, TOP_V2)
    # Five circuits have different ports in spec-to-rtl than in v1 and code completion, and three
    # are graded less strictly than in v1: these have separate testbenches.
    usual = header_ports(_reference(files, "code-complete-iccad2023", key), TOP_V2)
    own = f"{circuit}_v2" if set(ports) == set(usual) else f"{circuit}_spec_to_rtl"
    return Problem(
        id=key,
        suite=SUITES[task],
        top=TOP_V2,
        ports=ports,
        prompt=prompt,
        reference=reference,
        testbench=testbench_of(own) or testbench_of(circuit),
        tags=("verilogeval",),
        published=_published(files, task, key),
    )


def _published(files: Files, task: Task, key: str) -> PublishedBench | None:
    stem = f"dataset_{task}/{key}"
    if f"{stem}_test.sv" not in files:
        return None
    test, reference = files[f"{stem}_test.sv"].decode(), files[f"{stem}_ref.sv"].decode()
    return PublishedBench(
        2,
        test=test,
        header=files.get(f"{stem}_ifc.txt", b"").decode(),
        reference=reference,
        rejected_by=rejecting_simulators(SUITES[task], key),
    )


def _reference(files: Files, task: Task, key: str) -> str:
    """The published reference, renamed to the module that the prompt asks for."""
    text = files[f"dataset_{task}/{key}_ref.sv"].decode()
    return re.sub(r"\bRefModule\b", TOP_V2, text)


def _spec_to_rtl(asked: str, examples: str, rules: bool) -> Prompt:
    """A prompt that asks for a whole module between marks."""
    constants = prompt_constants()
    conventions = f"{constants['prompt_rules_suffix'].rstrip()}\n" if rules else ""
    return Prompt(
        system=constants["prompts"]["spec-to-rtl"]["system_msg"],
        prefix=f"{examples}\nQuestion:\n",
        description=f"{asked.strip()}\n",
        suffix=f"{conventions}{constants['prompt_no_explain_suffix']}\nAnswer:\n",
    )


def _code_complete(asked: str, examples: str) -> Prompt:
    """The description as comment lines, an empty line, and the header to continue."""
    constants = prompt_constants()["prompts"]["code-complete-iccad2023"]
    lines = asked.splitlines()
    start = next(k for k, line in enumerate(lines) if f"module {TOP_V2}" in line)
    comments = [f"// {line}" for line in lines[:start]]
    return Prompt(
        system=constants["system_msg"],
        prefix=f"{examples}{constants['prompt_prefix']}",
        description="\n".join([*comments, "", ""]),
        header="\n".join(lines[start:]),
    )
