"""What the FST library reads back is what stood in the VCD file."""

import pytest

from itertl_eval.waves import _fst
from tests.waves.reader import signals

pytestmark = pytest.mark.skipif(not _fst.available(), reason="needs pylibfst")

HEADER = """\
$date now $end $timescale 1ps $end
$scope module testbench $end
$var wire 1 ! clk $end
$scope module dut $end
$var wire 1 ! clk $end
$var reg 4 # q [3:0] $end
$var real 1 % level $end
$upscope $end $upscope $end
$enddefinitions $end
"""


def write(tmp_path, text):
    vcd, fst = tmp_path / "waves.vcd", tmp_path / "waves.fst"
    vcd.write_text(text)
    _fst.write_fst(vcd, fst)
    return signals(fst)


def test_bits_vectors_numbers_and_one_signal_in_two_scopes(tmp_path):
    found = write(tmp_path, HEADER + "#0\n0!\nbx #\nr0.5 %\n#5000\n1!\nb101 #\n#7000\nbz1 #\n")
    assert found["testbench.clk"] == found["testbench.dut.clk"] == [(0, "0"), (5000, "1")]
    assert found["testbench.dut.q [3:0]"] == [(0, "xxxx"), (5000, "0101"), (7000, "zzz1")]
    assert float(found["testbench.dut.level"][0][1]) == 0.5


@pytest.mark.parametrize(
    "line",
    ["b11111 #", "1", "1?", "b #", "b2 #", "rx %", "r1 #", "#999999999999999999999", "#-5", ""],
)
def test_what_is_no_value_is_left_out(line, tmp_path):
    found = write(tmp_path, f"{HEADER}#1\n1!\nb0 #\n{line}\n#2\n0!\n")
    assert found["testbench.dut.clk"] == [(1, "1"), (2, "0")]
    assert found["testbench.dut.q [3:0]"][-1] == (1, "0000")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no signals"),
        ("no vcd", "no signals"),
        ("$var wire 99999999999 ! a $end $enddefinitions $end", "not a width"),
        ("$var wire -1 ! a $end $enddefinitions $end", "not a width"),
        ("$var wire 1 ! a $end $var wire 8 ! b $end $enddefinitions $end", "two widths"),
    ],
)
def test_what_is_no_vcd_file_is_refused(text, why, tmp_path):
    with pytest.raises(ValueError, match=why):
        write(tmp_path, text)
