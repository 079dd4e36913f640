"""The part of a VCD file around a moment."""

import json

import pytest

from itertl_eval.waves import Trace, Wave, read_vcd

HEADER = """\
$date now $end $timescale 1ps $end
$scope module testbench $end
$var wire 1 ? q $end
$scope module dut $end
$var wire 1 ! clk $end
$var reg 4 # q [3:0] $end
$var wire 1 & hidden $end
$scope module dut $end
$var wire 1 @ clk $end
$upscope $end
$upscope $end
$upscope $end
$enddefinitions $end
"""
PORTS = [("clk", "input", 1), ("q", "output", 4), ("none", "output", 1)]


def wave(tmp_path, changes, mark):
    file = tmp_path / "waves.vcd"
    file.write_text(HEADER + changes)
    return read_vcd(file, "dut", PORTS, mark)


def test_ports_of_the_outermost_scope(tmp_path):
    text = "#0\n$dumpvars\nbX #\n0!\n1&\n1@\n1?\n$end\n#5000\n1!\nb101 #\n1@\n#7000\n0@\n"
    assert wave(tmp_path, text, 5.0).traces == [
        Trace("clk", "input", 1, [(0.0, "0"), (5.0, "1")]),
        Trace("q", "output", 4, [(0.0, "x"), (5.0, "101")]),
    ]


def test_only_what_is_near_the_mark_is_kept(tmp_path):
    text = "#0\nb1 #\n" + "".join(f"#{at * 1000}\n{at % 2}!\n" for at in range(1, 100))
    found = wave(tmp_path, text, 50.0)
    clock, q = found.traces
    assert (found.start, found.mark) == (35.0, 50.0)
    assert [at for at, _ in clock.changes] == list(range(35, 54))
    assert q.changes == [(35.0, "1")]  # its last value from before
    assert found.end > 53


def test_a_window_of_time_is_kept_before_the_mark(tmp_path):
    text = "#0\nb1 #\n" + "".join(f"#{at * 1000}\n{at % 2}!\n" for at in range(1, 100))
    file = tmp_path / "waves.vcd"
    file.write_text(HEADER + text)
    found = read_vcd(file, "dut", PORTS, 50.0, window=30.0)
    assert (found.start, found.mark) == (20.0, 50.0)
    assert found.traces[1].changes == [(20.0, "1")]


def test_a_file_that_ends_early_shows_what_there_is(tmp_path):
    found = wave(tmp_path, "#0\n0!\n#1000\n1!\n#20", 9.0)
    assert found.traces[0].changes == [(0.0, "0"), (1.0, "1")]
    assert found.end > 9


def test_values_that_are_none_are_left_out(tmp_path):
    found = wave(tmp_path, "#0\nb<script> #\nr1.5 #\n0!\n", 0.0)
    assert found.traces[1].changes == []


def test_there_and_back():
    one = Wave(0.0, 2.0, 1.0, [Trace("a", "input", 1, [(0.0, "z")])])
    assert Wave.from_dict(json.loads(json.dumps(one.as_dict()))) == one


@pytest.mark.parametrize("value", ["<b>", "", 1, None])
def test_a_file_of_another_kind_is_refused(value):
    facts = {
        "start": 0,
        "end": 1,
        "mark": 0,
        "traces": [{"name": "a", "direction": "input", "width": 1, "changes": [[0, value]]}],
    }
    with pytest.raises(ValueError, match="not a value"):
        Wave.from_dict(facts)
    with pytest.raises(ValueError, match="not a waveform"):
        Wave.from_dict({"traces": value})
