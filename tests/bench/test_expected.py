"""What a bench expects, compares and says of a difference."""

from __future__ import annotations

import pytest

from itertl_eval.bench import Bench, Care
from itertl_eval.bench._bits import literal, matches
from itertl_eval.bench._interface import Layout
from itertl_eval.bench._player import describe
from itertl_eval.bench._schedule import packer
from tests.bench.test_schedule import register

TWO = Layout({"a": 2, "b": 4})


@pytest.mark.parametrize(
    ("outputs", "packed"),
    [
        ({"a": 1, "b": 2}, (0b0010_01, 0b1111_11)),
        ({"a": None, "b": 2}, (0b0010_00, 0b1111_00)),
        ({"a": 5, "b": -1}, (0b1111_01, 0b1111_11)),
        ({"a": True, "b": Care(0b1111, 0b0101)}, (0b0101_01, 0b0101_11)),
    ],
)
def test_expected_values_and_care(outputs, packed):
    assert packer(TWO)(outputs) == packed


def test_model_must_return_every_output():
    with pytest.raises(KeyError, match="b"):
        packer(TWO)({"a": 1})
    with pytest.raises(TypeError, match=r"\['a', 'b'\]"):
        packer(TWO)(1)
    assert packer(Layout({"y": 3}))(9) == (1, 7)


@pytest.mark.parametrize(
    ("got", "value", "care", "same"),
    [
        ("0110", 0b0110, 0b1111, True),
        ("0111", 0b0110, 0b1111, False),
        ("0111", 0b0110, 0b1110, True),
        ("x110", 0b0110, 0b1111, False),
        ("x110", 0b0110, 0b0111, True),
        ("X11Z", 0b0110, 0b0110, True),
        ("zzzz", 0b0000, 0b1111, False),
        ("zzzz", 0b0000, 0b0000, True),
    ],
)
def test_matches(got, value, care, same):
    assert matches(got, value, care) is same


@pytest.mark.parametrize(
    ("bits", "care", "text"),
    [
        ("1", 1, "1'b1"),
        ("x", 1, "1'bx"),
        ("00101111", 0xFF, "8'h2f"),
        ("0010Z111", 0xFF, "8'b0010z111"),
        ("1010", 0b1100, "4'b10??"),
    ],
)
def test_literals(bits, care, text):
    assert literal(bits, care) == text


def test_message_names_the_first_differing_output():
    bench = register(reset="rst")
    step = (0b1_101_0, 0b101, 0b111, 4)
    assert describe(bench.interface, step, "001", 70) == (
        "q: expected 3'h5, got 3'h1 at cycle 4, 70 ns; inputs: clk=1, rst=0x0, d=0x5"
    )
    both = Bench(lambda i: {"s": 0, "t": 0}, inputs={"a": 1}, outputs={"s": 1, "t": 2})
    assert describe(both.interface, (1, 0, 0b111, 0), "0x0", 0).startswith(
        "t: expected 2'h0, got 2'b0x at"
    )
    with pytest.raises(ValueError, match="matches"):
        describe(both.interface, (1, 0, 0b001, 0), "0x0", 0)
