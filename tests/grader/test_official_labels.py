"""The published protocol's texts: labels and letters from logs, and code from answers."""

from __future__ import annotations

import pytest

from itertl_eval.grader.published._v1 import label_of
from itertl_eval.grader.published._v2 import letter_of
from itertl_eval.grader.published._v2_answer import v2_sample


@pytest.mark.parametrize(
    ("out", "err", "label"),
    [
        ("Mismatches: 0 in 9 samples", "", "passed"),
        ("x Mismatches: 0 in 9 samples\nMismatches: 3 in 9 samples", "", "passed"),
        ("Mismatches: 3 in 9 samples", "", "failed: 3 out of 9 samples."),
        ("", "", "failed: info string not matched."),
        ("Mismatches: 0 in 9 samples", "a warning", "failed: compile error."),
        ("Mismatches: 0 in 9 samples", "a syntax error", "failed: syntax error."),
    ],
)
def test_v1_labels(out, err, label):
    assert label_of(out, err) == label


# -- v2 -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("log", "sample", "letter"),
    [
        ("Mismatches: 0 in 9 samples\n", "", "."),
        ("Mismatches: 0 in 9 samples\nMismatches: 2 in 9 samples\n", "", "."),
        (f"Mismatches: {5000 * '0'} in 9 samples\n", "", "."),
        (f"Mismatches: {5000 * '0'}1 in 9 samples\n", "", "R"),
        ("a line\rMismatches: 0 in 9 samples", "", "."),
        ("Unknown module type TIMEOUT\nsyntax error\n", "", "m"),
        (" Mismatches: 0 in 9 samples\n", "", "R"),
        ("Mismatches: 2 in 9 samples\n", "always @(negedge reset)", "r"),
        ("Mismatches: 2 in 9 samples\n", "always @(posedge r)", "r"),
        ("an error\nMismatches: 0 in 9 samples\n", "", "C"),
        ("error: Unable to bind wire/reg/memory `q'\n", "", "p"),
        ("error: Unable to bind wire/reg/memory `clk'\n", "", "c"),
        ("Mismatches: 0 in 9 samples\nTIMEOUT\n", "", "T"),
        ("error: q is declared here as wire.\nsyntax error\n", "", "w"),
        ("x: warning: always_comb process has no sensitivities.\n", "", "n"),
        ("error: This assignment requires an explicit cast.\n", "", "e"),
    ],
)
def test_v2_letter_of_a_log(log, sample, letter):
    assert letter_of(log, sample) == letter


MODULE = "module TopModule (input a);\nendmodule"


@pytest.mark.parametrize(
    ("answer", "interface", "kept"),
    [
        (f"[BEGIN]\n{MODULE}\n[DONE]\nbye", "", MODULE),
        (f"so: [BEGIN]\n{MODULE}", "", MODULE),
        (f"[BEGIN]\n{MODULE}", "", ""),
        (f"  [BEGIN] // a\n{MODULE} [DONE]", "", f" // a\n{MODULE} "),
        (f"Sure.\n```\n{MODULE}\n```\nbye", "", MODULE),
        (f"Sure.\n{MODULE}\nbye", "", MODULE),
        (f"Sure.\n{MODULE}\nbye", "module TopModule (", MODULE),
        ("  b;\nendmodule\nbye", "module TopModule (", "module TopModule (\n\n  b;\nendmodule"),
        (
            "```\n  b;\nendmodule\n```",
            "module TopModule (",
            "module TopModule (\n\n  b;\nendmodule",
        ),
        (f"b;\nendmodule\n{MODULE}", "module TopModule (", "module TopModule (\n\nb;\nendmodule"),
    ],
)
def test_v2_finds_the_code(answer, interface, kept):
    assert v2_sample(answer, interface).strip("\n") == kept.strip("\n")
