"""VerilogEval v2: three files, one log for everything, a time limit for the simulator."""

from __future__ import annotations

import re

from itertl_eval.grader.isolation import FLOODED, Ending, Log, Workspace
from itertl_eval.grader.published._options import OPTIONS
from itertl_eval.grader.published._v2_answer import v2_sample
from itertl_eval.problem import PublishedBench

PASSED = "."

# The first line of the log that holds one of these decides; the order counts within a line.
_DECISIVE = (
    ("syntax error", "S"),
    ("error: This assignment requires an explicit cast", "e"),
    ("error: Sized numeric constant must have a size greater than zero", "0"),
    ("warning: always_comb process has no sensitivities", "n"),
    ("found no sensitivities so it will never trigger", "n"),
    ("is declared here as wire", "w"),
    ("Unknown module type", "m"),
    ("Unable to bind wire/reg/memory `clk'", "c"),
    ("TIMEOUT", "T"),
)
_ASYNCHRONOUS = ("posedge reset", "negedge reset", "posedge r)")
_RESULT = re.compile(r"^Mismatches: (\d+) in \d+ samples$", re.MULTILINE)


def run(
    workspace: Workspace, name: str, bench: PublishedBench, completion: str, seconds: float
) -> str:
    """Compile and simulate a completion; return v2's letter."""
    sample, stem = v2_sample(completion, bench.header), f"{name}_sample01"
    files = {
        f"{stem}.sv": sample.encode(errors="replace"),
        f"{name}_test.sv": bench.test.encode(),
        f"{name}_ref.sv": bench.reference.encode(),
    }
    for file, content in files.items():
        (workspace.folder / file).write_bytes(content)
    with Log() as log:
        compiler = ["iverilog", *OPTIONS, "-o", stem, *files]
        ending = workspace.run([compiler], log, log, seconds)
        if ending is Ending.DONE and (workspace.folder / stem).exists():
            ending = workspace.run([["vvp", stem]], log, log, seconds)
        if ending is Ending.FLOODED:
            return FLOODED
        text = log.read().decode(errors="replace")
    return letter_of(f"{text}TIMEOUT\n" if ending is Ending.TIMEOUT else text, sample)


def letter_of(log: str, sample: str) -> str:
    """Return v2's letter for the log of one design; "." is a pass.

    The published script reads line by line. The same is done here with a few searches through
    the whole text, so that a log of millions of lines takes no longer than any other.
    """
    log = _unix(log)
    starts = {words: log.find(words) for words, _ in _DECISIVE}
    if found := [at for at in starts.values() if at >= 0]:
        begin = log.rfind("\n", 0, min(found)) + 1
        line = log[begin:].partition("\n")[0]
        return next(letter for words, letter in _DECISIVE if words in line)
    if "Unable to bind wire/reg" in log:
        return "p"
    if "error" in log:
        return "C"
    if any(_is_zero(match[1]) for match in _RESULT.finditer(log)):
        return PASSED
    return "r" if any(words in sample for words in _ASYNCHRONOUS) else "R"


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_zero(digits: str) -> bool:
    """Compare with 0 what may have more digits than Python converts."""
    return all(int(digit) == 0 for digit in digits)
