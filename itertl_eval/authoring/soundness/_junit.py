"""Write the result of a check as JUnit XML for CI systems."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from itertl_eval.authoring.soundness._result import CheckResult

_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML can't hold."""


def check_junit(result: CheckResult) -> str:
    """Return JUnit XML: a test case for the reference, and one for each kind of shortcoming."""
    cases: dict[str, list[str]] = {
        f"reference, seed {seed}" if isinstance(seed, int) else "reference, reverse order": (
            [] if outcome == "pass" else [outcome]
        )
        for seed, outcome in result.reference.items()
    }
    if result.reference_passes:
        cases["stubs fail"] = [f"{name} passes" for name in result.stubs_passing]
    for survivor in result.survivors:
        place = f"{survivor['place']}: {survivor['what']}"
        cases[f"mutant, {place}"] = [survivor["diff"]]
    cases["sound"] = result.shortcomings
    failures = sum(map(bool, cases.values()))
    root = ET.Element("testsuites", name="itertl-eval check")
    suite = ET.SubElement(
        root, "testsuite", name=result.task, tests=str(len(cases)), failures=str(failures)
    )
    for name, lines in cases.items():
        case = ET.SubElement(suite, "testcase", classname=result.task, name=_visible(name))
        if lines:
            message = _visible(lines[0].splitlines()[0])
            failure = ET.SubElement(case, "failure", message=message)
            failure.text = _visible("\n".join(lines))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _visible(text: str) -> str:
    return _CONTROL.sub("?", text)
