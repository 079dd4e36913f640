"""itertl-eval doctor: what this machine has and lacks, and whether the testbenches hold."""

from __future__ import annotations

import argparse
import json
import platform
from typing import Any

from itertl_eval._util.options import add_jobs
from itertl_eval._util.paths import cache_folder
from itertl_eval._util.progress import Progress
from itertl_eval.errors import InfrastructureError, ItertlError
from itertl_eval.grader import (
    KNOWN_FAULTS,
    RECOMMENDED,
    SUPPORTED,
    TOO_NEW,
    Item,
    as_answer,
    find_icarus,
    grade,
    grade_many,
    sandbox_in_use,
    sandbox_status,
    unsafe,
)
from itertl_eval.problem import Port, Problem, Prompt, Suite
from itertl_eval.results import package_versions
from itertl_eval.suites import PUBLISHED, circuit_of, known_failures, load_suite, suite_names

PROTOCOLS = {"golden": "", "official": " by the published protocol"}


def add(commands: Any) -> None:
    """Add the subcommand to the parser."""
    parser = commands.add_parser("doctor", help="tools, versions and known limits of this machine")
    parser.add_argument(
        "--golden",
        action="store_true",
        help="run each reference through its testbench and the published one, against the errata",
    )
    add_jobs(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the report; return the exit code."""
    report: dict[str, Any] = {
        "python": platform.python_version(),
        "packages": package_versions(),
        "cache": str(cache_folder()),
        "sandbox": sandbox_in_use(),
        "simulator": None,
        "problems": [],
        "notes": [],
    }
    code = 0
    try:
        icarus = find_icarus()
        report["simulator"] = icarus.name
        if icarus.major not in SUPPORTED:
            report["notes"].append(f"{icarus.name} is untested; supported: {', '.join(SUPPORTED)}")
        report["notes"] += [
            f"{icarus.name} {fault}" for fault in KNOWN_FAULTS.get(icarus.major, ())
        ]
        if icarus.major != RECOMMENDED:
            report["notes"].append(f"Icarus Verilog {RECOMMENDED} is recommended")
    except InfrastructureError as error:
        report["problems"].append(str(error))
    refusal = sandbox_status().refusal
    if refusal:
        report["problems"].append(f"hostile designs are not contained: {refusal}")
    if report["simulator"] and (not refusal or unsafe()):
        try:
            report["self_test"] = self_test()
        except InfrastructureError as error:
            report["problems"].append(str(error))
    report["suites"], golden_failures = _suites(options)
    for name, facts in report["suites"].items():
        for protocol, words in PROTOCOLS.items():
            for task_id, why in facts.get(f"{protocol}_ungraded", {}).items():
                report["problems"].append(f"{name}: {task_id} could not be graded{words}: {why}")
    if report["problems"]:
        code = 3
    elif golden_failures:
        code = 1
    print(json.dumps(report, indent=2) if options.json else _text(report, options.golden))
    return code


def self_test() -> str:
    """Grade a right and a wrong inverter; return the result in words.

    Raises:
        InfrastructureError: They were not told apart.
    """
    from itertl_eval._util.paths import shipped

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
            for protocol in ("golden", "official"):
                found = _references(name, suite, protocol, options.jobs)
                facts |= {f"{protocol}_{key}": value for key, value in found.items()}
                failures += len(found.get("failed", {})) + len(found.get("stale", []))
        suites[name] = facts
    return suites, failures


def _references(name: str, suite: Suite, protocol: str, jobs: int | None) -> dict[str, Any]:
    """Grade each published reference by our testbench or by the published protocol.

    Failures that the errata list are known, and errata that do not hold are stale. A failure of
    the machine is none of the reference.
    """
    icarus, official = find_icarus(), protocol == "official"
    version, too_new = icarus.version, int(icarus.major) >= TOO_NEW
    if official and (name not in PUBLISHED or too_new or not sandbox_status().files):
        return {}
    references = [(p, p.reference) for p in map(suite.__getitem__, suite.covered) if p.reference]
    if not references:  # its rows bring their own harness
        return {}
    if official:
        items = [Item(p, as_answer(p, r), cache=False, protocol="official") for p, r in references]
    else:
        items = [Item(problem, reference, cache=False) for problem, reference in references]
    with Progress(f"{protocol} {name}", len(items), "problem") as bar:
        verdicts = grade_many(items, jobs=jobs, progress=lambda _: bar.update())
    failed = {verdict.task_id: verdict.message for verdict in verdicts if verdict.status == "fail"}
    ungraded = {v.task_id: v.message for v in verdicts if v.status == "infra_error"}
    listed = known_failures(name, version, official=official) & {*map(circuit_of, suite.covered)}
    # A published testbench that this simulator can't compile grades nothing: an erratum too.
    known = {task_id for task_id in (*failed, *ungraded) if circuit_of(task_id) in listed}
    return {
        "passed": len(verdicts) - len(failed) - len(ungraded),
        "known": sorted(known),
        "failed": {task_id: why for task_id, why in failed.items() if task_id not in known},
        "ungraded": {task_id: why for task_id, why in ungraded.items() if task_id not in known},
        "stale": sorted(listed - {circuit_of(task_id) for task_id in known}),
    }


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
        for protocol, words in PROTOCOLS.items() if golden else ():
            if f"{protocol}_passed" in facts:
                line += f", {facts[f'{protocol}_passed']} references pass{words}"
        lines.append(line)
        for protocol, words in PROTOCOLS.items():
            known, failed, stale = (
                facts.get(f"{protocol}_{key}", ()) for key in ("known", "failed", "stale")
            )
            lines += [f"    known: {k}'s reference fails{words} (an erratum)" for k in known]
            lines += [f"    FAILS{words}  {k}: {failed[k]}" for k in failed]
            lines += [f"    FAILS  the erratum of {k}: its reference passes{words}" for k in stale]
    lines += [f"note       {note}" for note in report["notes"]]
    lines += [f"PROBLEM    {problem}" for problem in report["problems"]]
    return "\n".join(lines)
