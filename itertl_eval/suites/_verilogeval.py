"""Load VerilogEval v1 (arXiv 2309.07544) from its published data files."""

from __future__ import annotations

import ast
import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

from itertl_eval._util.paths import shipped
from itertl_eval.errors import InfrastructureError
from itertl_eval.problem import Port, Problem, Prompt, PublishedBench, Suite
from itertl_eval.suites._data import SOURCES, Files, read_source
from itertl_eval.suites._errata import rejecting_simulators

TOP_V1 = "top_module"


def load_v1(kind: Literal["human", "machine"]) -> Suite:
    """Load VerilogEval v1: 156 problems described by people, or 143 described by a machine.

    The prompt is that of the papers (v2's code-complete form): system message, prefix, the
    description as a comment, the module header.
    """
    source = SOURCES["verilog-eval-v1"]
    files = read_source(source.name)
    rows = _json_lines(files, f"data/VerilogEval_{kind.capitalize()}.jsonl")
    described = {
        row["task_id"]: row["detail_description"]
        for row in _json_lines(files, f"descriptions/VerilogDescription_{kind.capitalize()}.jsonl")
    }
    constants = prompt_constants()["prompts"]["code-complete-iccad2023"]
    name = f"verilogeval_{kind}"
    problems = (
        Problem(
            id=row["task_id"],
            suite=name,
            top=TOP_V1,
            ports=header_ports(row["prompt"], TOP_V1),
            prompt=Prompt(
                system=constants["system_msg"],
                prefix=constants["prompt_prefix"],
                description=f"// {described[row['task_id']].rstrip()}\n",
                header=row["prompt"],
            ),
            reference=row["prompt"] + row["canonical_solution"],
            testbench=testbench_of(row["task_id"]),
            tags=("verilogeval",),
            published=PublishedBench(
                1,
                test=row["test"],
                header=row["prompt"],
                rejected_by=rejecting_simulators(name, row["task_id"]),
            ),
        )
        for row in rows
    )
    return Suite(name, problems, revision=source.revision)


def testbench_of(name: str) -> Path | None:
    """Return the testbench of that name for VerilogEval, or None."""
    path = shipped("testbenches") / "verilogeval" / f"{name}.py"
    return path if path.exists() else None


def header_ports(header: str, top: str) -> tuple[Port, ...]:
    """Return the ports that a module header declares."""
    text = header if "endmodule" in header else f"{header}\nendmodule\n"
    from itertl_eval.verilog import slang  # large

    ports = slang.ports(text, top)
    if ports is None:
        raise InfrastructureError(f"can't parse module {top} in the published header:\n{header}")
    return ports


@cache
def prompt_constants() -> dict[str, Any]:
    """Return the published prompt strings, by their names in v2's scripts/sv-generate.

    They are parsed from that file as literals, without running it, or read from
    verilog-eval-prompts.json beside it.
    """
    files = read_source("verilog-eval-v2")
    if "verilog-eval-prompts.json" in files:
        return dict(json.loads(files["verilog-eval-prompts.json"])["constants"])
    if "scripts/sv-generate" not in files:
        raise InfrastructureError(
            "the prompt strings are missing: this copy of VerilogEval v2 has neither "
            "scripts/sv-generate nor verilog-eval-prompts.json beside it"
        )
    constants: dict[str, Any] = {"prompts": {}}
    for node in ast.parse(files["scripts/sv-generate"]).body:
        if not isinstance(node, ast.Assign):
            continue
        match node.targets[0]:
            case ast.Subscript(ast.Name("prompts"), ast.Constant(task)):
                constants["prompts"][task] = ast.literal_eval(node.value)
            case ast.Name(str(name)) if name.startswith("prompt_"):
                constants[name] = ast.literal_eval(node.value)
    return constants


def _json_lines(files: Files, path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[path].decode().splitlines() if line.strip()]
