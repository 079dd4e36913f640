"""The published protocol runs in the sandbox: time, output and files are limited."""

from __future__ import annotations

import contextlib
import tempfile
import time
from pathlib import Path

import pytest

from itertl_eval.grader.isolation import FLOODED
from itertl_eval.grader.published import official
from tests.grader.published_designs import ENDLESS_CONSTANT, body, v2_problem, v2_reference


@pytest.mark.simulator
@pytest.mark.data
@pytest.mark.parametrize(
    "completion", [ENDLESS_CONSTANT, "initial forever ;\nendmodule"], ids=["compiler", "simulator"]
)
def test_endless_work_is_stopped(fsm3s, completion, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    started = time.monotonic()
    assert official(fsm3s, completion, seconds=3)["label"] == "timed out"
    assert time.monotonic() - started < 10
    assert not list(tmp_path.iterdir())
    # A killed process gives its memory back before it is gone: a moment on a busy machine.
    while working_below(tmp_path) and time.monotonic() - started < 20:
        time.sleep(0.05)
    assert not working_below(tmp_path)


def working_below(folder: Path) -> set[str]:
    """The processes whose working folder is, or was, below `folder`."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str((process / "cwd").readlink()).startswith(str(folder)):
                found.add(process.name)
    return found


@pytest.mark.simulator
@pytest.mark.data
@pytest.mark.parametrize("how", ["$fopen", "$readmemh", "`include"])
def test_host_files_are_not_readable(fsm3s, tmp_path, how):
    secret = tmp_path / "secret.txt"
    secret.write_text("0\n" if how == "$readmemh" else "// nothing\n")
    reading = {
        "$fopen": f'integer f; initial begin f = $fopen("{secret}", "r");\n'
        'if (f != 0) $display("Mismatches: 7 in 7 samples"); $finish; end',
        "$readmemh": f'reg m [0:0]; initial begin m[0] = 1; $readmemh("{secret}", m);\n'
        'if (m[0] === 0) $display("Mismatches: 7 in 7 samples"); $finish; end',
        "`include": f'`include "{secret}"\n'
        'initial begin $display("Mismatches: 7 in 7 samples"); $finish; end',
    }[how]
    completion = f"{reading}\nendmodule\n"
    read = "failed: 7 out of 7 samples."
    assert official(fsm3s, completion, unsafe=True)["label"] == read, "the sandbox is off"
    assert official(fsm3s, completion)["label"] != read


@pytest.mark.simulator
@pytest.mark.data
def test_host_files_are_not_writable(fsm3s, tmp_path):
    target = tmp_path / "evil"
    text = (
        f'integer f; initial begin f = $fopen("{target}", "w"); $fdisplay(f, "x"); end\nendmodule'
    )
    official(fsm3s, text)
    assert not target.exists()


@pytest.mark.simulator
@pytest.mark.data
@pytest.mark.usefixtures("old_enough")
@pytest.mark.parametrize(
    "flood",
    [
        'forever $display("");',
        'forever $display("Mismatches: 3 in 9 samples");',
        "begin : files integer i, f; for (i = 0; i < 5000; i = i + 1) begin\n"
        'f = $fopen($sformatf("f%0d", i), "w"); $fclose(f); end #1000000000; end',
    ],
    ids=["newlines", "verdicts", "files"],
)
def test_output_is_bounded(fsm3s, flood):
    started = time.monotonic()
    for version, problem in (1, fsm3s), (2, v2_problem("Prob035_count1to10")):
        text = body(problem) if version == 1 else v2_reference(problem)
        label = official(problem, text.replace("endmodule", f"initial {flood}\nendmodule"))["label"]
        assert FLOODED in label
    assert time.monotonic() - started < 40
