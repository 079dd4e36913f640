"""Failing designs are run once more, behind the same walls, and leave a waveform file."""

import json
from dataclasses import replace

import pytest

from itertl_eval import grade
from itertl_eval.authoring._scaffold import new_task
from itertl_eval.cli import main
from itertl_eval.problem import Limits, Suite
from itertl_eval.waves import Failing, _fst, load_wave, waves_folder
from itertl_eval.waves._failing import TRIES
from itertl_eval.waves._record import FILE_MIB, record, record_failures
from tests.designs import ADDER, COUNTER, COUNTER_TEXT
from tests.waves.reader import signals

pytestmark = pytest.mark.simulator
SUFFIX = "fst" if _fst.available() else "vcd"
PATIENT = Limits(wall=30, cpu=20, memory=512, file=4)


def value_at(wave, name, ns):
    (trace,) = [t for t in wave.traces if t.name == name]
    return int([bits for at, bits in trace.changes if at < ns][-1], 2)


def test_a_bench_with_a_golden_model(tmp_path):
    """The mark is where the message says the outputs differ, with these inputs and this output."""
    problem = replace(ADDER, limits=PATIENT)
    wrong = ADDER.reference.replace("a + b", "a | b")
    verdict = grade(problem, wrong)
    assert "sum: expected 5'h2, got 5'h1" in verdict.message
    assert "a=0x1, b=0x1" in verdict.message
    wave = record(problem, wrong, verdict.seed, tmp_path / "adder.json")
    assert [trace.name for trace in wave.traces] == ["a", "b", "sum"]
    assert [value_at(wave, name, wave.mark) for name in ("a", "b", "sum")] == [1, 1, 1]
    if _fst.available():
        found = signals(tmp_path / "adder.fst")["testbench.adder.sum [4:0]"]
        before = [bits for ticks, bits in found if ticks < wave.mark * 1000]
    else:
        text = (tmp_path / "adder.vcd").read_text()
        assert "$scope module testbench $end\n$scope module adder $end" in text
        before = [line.split()[0][1:] for line in text.splitlines() if line.startswith("b1 ")]
    assert int(before[-1], 2) == 1


def test_a_plain_testbench_at_the_setting_that_fails(tmp_path):
    """Five bits are too few for the second setting only."""
    wrong = COUNTER_TEXT.replace("q + 1", "(q + 1) & 31")
    wave = record(replace(COUNTER, limits=PATIENT), wrong, 0, tmp_path / "counter.json")
    assert value_at(wave, "q", wave.mark) == 0
    assert {trace.name: trace.width for trace in wave.traces}["q"] == 7


def test_a_design_that_passes_leaves_nothing(tmp_path):
    problem = replace(ADDER, limits=PATIENT)
    assert record(problem, ADDER.reference, 0, tmp_path / "adder.json") is None
    assert list(tmp_path.iterdir()) == []


HEADER = "module adder(input [3:0] a, b, output [4:0] sum);\n  assign sum = a | b;\n"
HOSTILE = {
    "dumps elsewhere": 'initial $dumpfile("/tmp/itertl_eval_waves_escaped.vcd");',
    "is a link": 'integer f; initial f = $fopen("waves.vcd");',
    "floods": "reg [63:0] n = 0; initial while (1) begin n = ~n; $dumpflush; #0; end",
    "finishes": "initial #1 $finish;",
    "writes another header": """integer f; initial begin #15 f = $fopen("waves.vcd");
      $fwrite(f, "$timescale 1 week $end $scope $end $upscope $end $var $end\\n#x\\n");
      $fclose(f); end""",
}


@pytest.mark.parametrize("trick", HOSTILE)
def test_walls_and_limits_hold(trick, tmp_path):
    from pathlib import Path

    limits = Limits(wall=3, cpu=3, memory=512, file=4)
    record(
        replace(ADDER, limits=limits),
        f"{HEADER}{HOSTILE[trick]}\nendmodule\n",
        0,
        tmp_path / "adder.json",
    )
    assert not Path("/tmp/itertl_eval_waves_escaped.vcd").exists()
    for file in tmp_path.iterdir():
        assert file.stat().st_size <= FILE_MIB << 20


def test_the_first_failing_sample_of_each_problem(tmp_path):
    problem = replace(ADDER, limits=PATIENT)
    wrong = ADDER.reference.replace("a + b", "a ^ b")
    found = [
        grade(problem, text, sample=at)
        for at, text in enumerate([ADDER.reference, "nothing", wrong, wrong])
    ]
    waves = record_failures(Failing(found), Suite("tests", [problem], revision="1"), tmp_path)
    assert list(waves) == [("adder", 2)]
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"adder_2.{SUFFIX}", "adder_2.json"]
    assert load_wave(tmp_path, found[2]) == waves["adder", 2]
    assert load_wave(tmp_path, found[3]) is None


def test_the_next_failing_sample_where_one_gives_no_picture(tmp_path):
    problem = replace(ADDER, limits=PATIENT)
    ends = [f"{HEADER}initial $finish({at});\nendmodule\n" for at in (0, 1)]
    wrong = ADDER.reference.replace("a + b", "a ^ b")
    texts = [ends[0], ends[0], ends[1], ADDER.reference, wrong, f"{HEADER}endmodule\n"]
    found = [grade(problem, text, sample=at) for at, text in enumerate(texts)]
    tried = []
    suite = Suite("tests", [problem], revision="1")
    waves = record_failures(Failing(found), suite, tmp_path, progress=lambda: tried.append(1))
    assert list(waves) == [("adder", 4)]
    assert len(tried) == 3  # the second is the first once more
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"adder_4.{SUFFIX}", "adder_4.json"]


def test_few_are_tried():
    failed = grade(ADDER, f"{HEADER}endmodule\n")
    failing = Failing(replace(failed, sample=at, code=f"{at % 9}") for at in range(100))
    assert [verdict.sample for verdict in failing["adder"]] == list(range(TRIES))


def test_from_the_command_line_to_the_page(tmp_path, capsys):
    folder = new_task("mine", tmp_path)
    wrong = (folder / "reference.sv").read_text().replace("4'd1", "4'd2")
    samples, verdicts = tmp_path / "samples.jsonl", tmp_path / "verdicts.jsonl"
    samples.write_text(json.dumps({"task_id": "mine", "completion": wrong}) + "\n")
    grade_it = ["grade", str(samples), "--task", str(folder), "--waves", "on-failure"]
    assert main(grade_it) == 2
    assert "--waves needs --output" in capsys.readouterr().err
    assert main([*grade_it, "--output", str(verdicts)]) == 0
    assert (waves_folder(verdicts) / f"mine_0.{SUFFIX}").exists()
    page = tmp_path / "page.html"
    assert main(["report", str(verdicts), "-o", str(page)]) == 0
    assert page.read_text().count('<svg class="wave"') == 1
    # A page of other verdicts has to record them itself.
    other = verdicts.rename(tmp_path / "other.jsonl")
    options = ["report", str(other), str(samples), "--task", str(folder), "-o", str(page)]
    assert main(options) == 0
    assert '<svg class="wave"' not in page.read_text()
    assert main([*options, "--waves", "on-failure"]) == 0
    assert page.read_text().count('<svg class="wave"') == 1
    assert (waves_folder(page) / "0" / f"mine_0.{SUFFIX}").exists()
