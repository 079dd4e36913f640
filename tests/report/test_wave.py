"""The drawn waveform."""

import re

import pytest

from itertl_eval.report.page._wave import MAX_ROWS, _hexadecimal, render_wave
from itertl_eval.waves import Trace, Wave


def test_every_port_has_its_row_and_its_values():
    traces = [
        Trace("clk", "input", 1, [(0.0, "0"), (5.0, "1")]),
        Trace("q", "output", 8, [(0.0, "x"), (4.0, "1010")]),
    ]
    text = str(render_wave(Wave(0.0, 10.0, 5.0, traces)))
    assert re.findall(r"<title>(.*?)</title>", text) == ["input clk", "output q [7:0]"]
    assert ">0a<" in text
    assert ">xx<" in text
    assert text.count('class="line unknown"') == 1
    assert "first mismatch: 5 ns" in text


def test_the_mark_is_between_the_values_around_it():
    text = str(
        render_wave(Wave(0.0, 10.0, 5.0, [Trace("clk", "input", 1, [(0.0, "0"), (6.0, "1")])]))
    )
    mark = float(re.search(r'class="mark" d="M([\d.]+)', text)[1])
    edge = float(re.search(r'class="line" d="M[\d.]+ [\d.]+H([\d.]+)', text)[1])
    assert mark < edge


def test_many_ports_are_counted():
    traces = [Trace(f"p{at}", "input", 1, [(0.0, "0")]) for at in range(MAX_ROWS + 3)]
    text = str(render_wave(Wave(0.0, 1.0, 0.0, traces)))
    assert text.count("<g class=") == MAX_ROWS
    assert "and 3 more ports" in text


def test_a_hostile_name_stays_text():
    assert "<b>" not in render_wave(Wave(0.0, 1.0, 0.0, [Trace("<b>", "input", 1, [])]))


@pytest.mark.parametrize(
    ("bits", "width", "shown"),
    [("1", 4, "1"), ("101", 9, "005"), ("x", 8, "xx"), ("z0001", 8, "z1"), ("1x00", 4, "x")],
)
def test_hexadecimal(bits, width, shown):
    assert _hexadecimal(bits, width) == shown
