"""`itertl-eval new NAME --reference FILE.sv`."""

from __future__ import annotations

import pytest

from itertl_eval.cli._main import main
from itertl_eval.suites import load_suite
from tests.from_reference.designs import ASYNC

pytestmark = pytest.mark.simulator


def test_a_task_from_a_design_passes_its_check(tmp_path, capsys):
    design = tmp_path / "flop.sv"
    design.write_text(ASYNC)
    assert main(["new", "flop", "--dir", str(tmp_path), "--reference", str(design)]) == 0
    out = capsys.readouterr().out
    assert "clocks: clk (rising); resets: rst_n" in out
    folder = tmp_path / "flop"
    assert (
        "| `rst_n` | input | 1 | asynchronous reset, active low |"
        in (folder / "spec.md").read_text()
    )
    [problem] = load_suite(str(folder)).values()
    assert problem.reference == ASYNC
    assert main(["check", str(folder), "--mutants", "8"]) == 0


def test_a_design_without_a_testbench_says_what_is_missing(tmp_path, capsys):
    design = tmp_path / "pad.sv"
    design.write_text("module pad(inout a, output y);\n  assign y = a;\nendmodule\n")
    assert main(["new", "pad", "--dir", str(tmp_path), "--reference", str(design)]) == 0
    assert "no testbench could be made: inout port: a" in capsys.readouterr().out
    assert not (tmp_path / "pad" / "test_pad.py").exists()


@pytest.mark.parametrize("text", ["", "module a; endmodule\nmodule b; endmodule\n"])
def test_a_file_that_is_not_a_design_is_refused(text, tmp_path, capsys):
    design = tmp_path / "x.sv"
    design.write_text(text)
    assert main(["new", "x", "--dir", str(tmp_path), "--reference", str(design)]) == 2
    assert str(design) in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
