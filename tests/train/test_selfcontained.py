"""Undriven outputs: found if slang can tell, and never in references that work."""

from __future__ import annotations

import pytest

from itertl_eval.corpus import make_corpus
from itertl_eval.suites import PUBLISHED, SHIPPED, load_suite
from itertl_eval.train.data._pairs import load_pairs
from itertl_eval.train.filter._self_contained import faults, faults_of

SUB = " endmodule module sub(output q); assign q = 1;"


def rules(ports, body):
    return [str(f) for f in faults(f"module top({ports}); {body} endmodule", "top")]


@pytest.mark.parametrize(
    ("ports", "body"),
    [
        ("input a, output y, output z", "assign z = y & a;"),
        ("input a, output y, output reg z", "always @(posedge a) if (y <= 1) z <= y;"),
        ("input a, output y", "not n(a, y);"),
        ("output y", "sub s(.q(y)); endmodule module sub(input q);"),
    ],
)
def test_an_output_that_is_only_read_is_undriven(ports, body):
    assert rules(ports, body) == ["undriven output: y"]


@pytest.mark.parametrize(
    ("ports", "body"),
    [
        ("output reg y = 0", ""),
        ("output reg [1:0] y", "initial y[0] = 0;"),
        ("input a, output y, z", "assign {y, z} = {a, a};"),
        ("input a, output y", "not n(y, a);"),
        ("output y", f"sub s(y);{SUB}"),
        ("output q", f"sub s(.*);{SUB}"),
        ("input a, output reg y", "task t(output q); q = a; endtask always @(a) t(y);"),
        ("output reg y", "sub s(); endmodule module sub; initial top.y = 1;"),
        (
            "input [3:0] a, output [3:0] y",
            "genvar i; for (i = 0; i < 4; i = i + 1) assign y[i] = a[i];",
        ),
        # What these parameters leave out, other parameters may not.
        ("output y", "parameter P = 0; if (P) assign y = 1;"),
        ("output y", f"parameter P = 0; if (P) begin : g sub s(.q(y)); end{SUB}"),
        ("output reg y", "parameter P = 0; initial if (P) y = 1;"),
        # Drivers that slang does not list.
        ("input a, output y", "initial force y = a;"),
        ("input a, output y", "wire w = a; alias y = w;"),
        ("output tri1 y", ""),
        ("output .y(w)", "wire w = 1;"),
    ],
)
def test_whatever_may_drive_counts(ports, body):
    assert not any("undriven" in rule for rule in rules(ports, body))


def test_a_missing_module_is_the_only_fault():
    assert len(rules("output y", "gone g(.q(y));")) == 1


@pytest.mark.parametrize(
    "name", [*SHIPPED, *(pytest.param(name, marks=pytest.mark.data) for name in PUBLISHED)]
)
def test_references_of_suites_are_driven(name):
    references = {p.id: p.reference for p in load_suite(name).values()}
    assert len(references) > 4
    assert {key: list(faults(text)) for key, text in references.items() if [*faults(text)]} == {}


def test_references_of_the_corpus_are_driven(tmp_path):
    make_corpus(tmp_path / "c", train=60, heldout=12)
    names = ["instruction=instruction", "reference=reference"]
    pairs = load_pairs(tmp_path / "c/train.jsonl", names=names)
    assert len(pairs.instructions) == 60
    assert [i.id for i in pairs.instructions if faults_of(i)] == []
