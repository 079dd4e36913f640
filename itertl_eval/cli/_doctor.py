"""itertl-eval doctor: what this machine has, what is missing, and whether the benches hold."""

from __future__ import annotations

import argparse
import json
import platform
from typing import Any

from itertl_eval.card import package_versions
from itertl_eval.cli._options import add_jobs
from itertl_eval.errors import InfrastructureError, ItertlError
from itertl_eval.grader import sandbox
from itertl_eval.grader.icarus import RECOMMENDED, SUPPORTED, find_icarus
from itertl_eval.grader.worker import cache_folder
from itertl_eval.grading import Item, grade, grade_many
from itertl_eval.problem import Port, Problem, Prompt
from itertl_eval.progress import Progress
from itertl_eval.suites import PUBLISHED, load_suite, suite_names
from itertl_eval.suites._errata import rejected_references

KNOWN_LIMITS = {
    "11": "Icarus 11 has no casts and few SystemVerilog types: some good designs are rejected "
    "and some that 12 rejects are accepted",
    "13": "Icarus 13 is newer than most published numbers; compare with 12 before quoting",
}


def add(commands: Any) -> None:
    parser = commands.add_parser("doctor", help="tools, versions and known limits of this machine")
    parser.add_argument(
        "--golden", action="store_true", help="run each reference through its testbench"
    )
    add_jobs(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    report: dict[str, Any] = {
        "python": platform.python_version(),
        "packages": package_versions(),
        "cache": str(cache_folder()),
        "sandbox": str(sandbox.status()),
        "simulator": None,
        "problems": [],
        "notes": [],
    }
    code = 0
    try:
        icarus = find_icarus()
        report["simulator"] = icarus.name
        major = icarus.version.split(".")[0]
        if major not in SUPPORTED:
            report["notes"].append(f"{icarus.name} is untested; supported: {', '.join(SUPPORTED)}")
        elif major in KNOWN_LIMITS:
            report["notes"].append(f"{KNOWN_LIMITS[major]}; {RECOMMENDED} is recommended")
    except InfrastructureError as error:
        report["problems"].append(str(error))
    if not sandbox.status().files:
        report["problems"].append("no Landlock in this kernel: hostile designs are not contained")
    if report["simulator"]:
        try:
            report["self_test"] = self_test()
        except InfrastructureError as error:
            report["problems"].append(str(error))
    report["suites"], golden_failures = _suites(options)
    if report["problems"]:
        code = 3
    elif golden_failures:
        code = 1
    print(json.dumps(report, indent=2) if options.json else _text(report, options.golden))
    return code


def self_test() -> str:
    """Grade a right and a wrong inverter for real; says which way the simulator is driven."""
    from itertl_eval._resources import shipped

    bench = shipped("testbenches") / "verilogeval" / "notgate.py"
    ports = (Port("in", "input"), Port("out", "output"))
    problem = Problem("self_test", "doctor", "top_module", ports, Prompt(""), testbench=bench)
    text = "module top_module(input in, output out); assign out = {}in; endmodule"
    right = grade(problem, text.format("~"), cache=False)
    wrong = grade(problem, text.format(""), cache=False)
    if not right.passed or wrong.status != "fail":
        raise InfrastructureError(f"the self-test failed: {right.message} / {wrong.message}")
    return f"a right and a wrong design were told apart in {right.seconds + wrong.seconds:.2f} s"


def _suites(options: argparse.Namespace) -> tuple[dict[str, Any], int]:
    suites: dict[str, Any] = {}
    failures = 0
    for name in suite_names():
        try:
            suite = load_suite(name)
        except ItertlError as error:
            suites[name] = {"missing": str(error)}
            continue
        facts: dict[str, Any] = {"problems": len(suite), "covered": len(suite.covered)}
        if options.golden:
            items = [Item(suite[i], suite[i].reference, cache=False) for i in suite.covered]
            with Progress(f"golden {name}", len(items), "problem") as bar:
                verdicts = grade_many(items, jobs=options.jobs, progress=lambda _: bar.update())
            facts["golden_passed"] = sum(verdict.passed for verdict in verdicts)
            known = rejected_references(find_icarus().version) if name in PUBLISHED else set()
            failed = {v.task_id: v.message for v in verdicts if not v.passed}
            facts["golden_known"] = sorted(failed.keys() & known)
            facts["golden_failed"] = {k: m for k, m in failed.items() if k not in known}
            failures += len(facts["golden_failed"])
        suites[name] = facts
    return suites, failures


def _text(report: dict[str, Any], golden: bool) -> str:
    lines = [
        f"python     {report['python']}",
        f"simulator  {report['simulator'] or 'NOT FOUND'}",
        f"sandbox    {report['sandbox']}",
        f"cache      {report['cache']}",
        f"self-test  {report.get('self_test', 'not run')}",
        "packages   " + ", ".join(f"{k} {v or '-'}" for k, v in report["packages"].items()),
    ]
    for name, facts in report["suites"].items():
        if "missing" in facts:
            lines.append(f"suite      {name}: {facts['missing'].splitlines()[0]}")
            continue
        line = f"suite      {name}: {facts['covered']} of {facts['problems']} have a testbench"
        if golden:
            line += f", {facts['golden_passed']} references pass"
        lines.append(line)
        lines += [
            f"    known: {k}'s reference can't be compiled by this simulator (an erratum)"
            for k in facts.get("golden_known", [])
        ]
        lines += [f"    FAILS  {k}: {v}" for k, v in facts.get("golden_failed", {}).items()]
    lines += [f"note       {note}" for note in report["notes"]]
    lines += [f"PROBLEM    {problem}" for problem in report["problems"]]
    return "\n".join(lines)
