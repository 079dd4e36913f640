"""Write verdicts as JUnit XML for CI systems."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from itertl_eval.report._benchmark import Benchmark
from itertl_eval.report.page import MESSAGE_LIMIT, clip, visible


def junit(benchmarks: Iterable[Benchmark]) -> str:
    """One test suite per benchmark, one test case per sample.

    A sample that fails is a failure of the type of its stage, an infrastructure error is an
    error, and a problem of the suite without a sample is skipped.
    """
    root = ET.Element("testsuites", name="itertl-eval")
    for benchmark in benchmarks:
        _suite(root, benchmark)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suite(root: ET.Element, benchmark: Benchmark) -> None:
    verdicts, missing = benchmark.verdicts, benchmark.summary.missing
    errors = sum(v.status == "infra_error" for v in verdicts)
    name = visible(" ".join(filter(None, [benchmark.task, benchmark.name])))
    suite = ET.SubElement(
        root,
        "testsuite",
        name=name,
        tests=str(len(verdicts) + len(missing)),
        failures=str(sum(v.status == "fail" for v in verdicts)),
        errors=str(errors),
        skipped=str(len(missing)),
        time=f"{sum(v.seconds for v in verdicts):.3f}",
    )
    for verdict in verdicts:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=name,
            name=visible(f"{verdict.task_id}[{verdict.sample}]"),
            time=f"{verdict.seconds:.3f}",
        )
        if verdict.passed:
            continue
        message = visible(clip(verdict.message, MESSAGE_LIMIT))
        kind = "error" if verdict.status == "infra_error" else "failure"
        ET.SubElement(case, kind, type=verdict.stage, message=message).text = message
    for task_id in missing:
        case = ET.SubElement(suite, "testcase", classname=name, name=visible(task_id))
        ET.SubElement(case, "skipped", message="the problem has no sample")
    if remarks := benchmark.summary.remarks():
        ET.SubElement(suite, "system-out").text = visible("\n".join(remarks))
