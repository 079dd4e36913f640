"""The page: its numbers, its structure, and that nothing a model wrote can break out of it."""

import hashlib
import re
from base64 import b64encode
from xml.etree import ElementTree

import pytest

from itertl_eval.report import collect, plot, read_run, render
from itertl_eval.report.page._stages import LOOKS
from itertl_eval.results._summary import summarize
from tests.report.inputs import (
    HOSTILE,
    records,
    row,
    rows_of,
    write_lines,
    write_lm_eval,
    write_run,
)
from tests.report.page import Page

STAGES = {
    "adder": "pass pass syntax simulate pass",
    "counter": "extract policy elaborate interface pass",
    "fifo": "simulate simulate simulate simulate simulate",
}


def test_everything_on_one_page(tmp_path):
    official = [row("adder", at, official={"passed": at > 0, "label": "."}) for at in range(5)]
    write_lm_eval(tmp_path / "one", rows_of(STAGES))
    write_lm_eval(tmp_path / "two", official, model="other")
    verdicts = write_lines(tmp_path / "verdicts.jsonl", rows_of(STAGES))
    paths = [tmp_path / "one", tmp_path / "two", verdicts, write_run(tmp_path / "run")]
    text = render(collect(paths))
    page = Page(text)
    page.check_self_contained()
    assert "http" not in re.sub(r"http-equiv", "", text)
    assert page.texts["h2"][0] == "Scores"
    assert sum(heading.startswith("Comparison") for heading in page.texts["h2"]) == 2
    assert "Training: run" in page.texts["h2"]
    assert text == render(collect(paths))


def test_numbers_are_those_of_summary(tmp_path):
    rows = [*rows_of(STAGES), row("fifo", 5, "simulate", status="infra_error")]
    report = collect([write_lines(tmp_path / "v.jsonl", rows)])
    expected = summarize(report.benchmarks[0].verdicts)
    assert report.benchmarks[0].metrics == expected.metrics()
    found = {cells[0]: cells[1:] for cells in Page(render(report)).rows}
    for name, number in expected.metrics().items():
        assert found[name][:2] == [f"{number['value']:.4f}", f"{number['stderr']:.4f}"]
    for stage, count in [*expected.stages.items(), ("infra_error", 1)]:
        look = f"{LOOKS[stage].letter} {stage}"
        assert found[look][:2] == [str(count), f"{count / len(rows):.1%}".replace("%", "\xa0%")]


def test_matrix_has_a_cell_per_sample(tmp_path):
    text = render(collect([write_lines(tmp_path / "v.jsonl", rows_of(STAGES))]))
    matrix = text[text.index('<ol class="matrix"') : text.index("</ol>")]
    assert re.findall(r">(\S)</i>", matrix) == [*"✓✓SM✓", *"EPLI✓", *"MMMMM"]
    assert re.findall(r'data-outcome="(\w+)"', matrix) == ["some", "some", "none"]


def test_equal_answers_are_shown_once(tmp_path):
    text = render(collect([write_lines(tmp_path / "v.jsonl", rows_of(STAGES))]))
    assert text.count("module fifo; // simulate") == 1
    assert "samples 0, 1, 2, 3, 4" in text


def test_the_line_that_a_message_names_is_marked(tmp_path):
    code = "module a;\n  assign <x>;\nendmodule\n"
    rows = [
        row("a", 0, "syntax", code=code, message="with W=4: line 2: syntax error"),
        row("b", 0, "simulate", code=code, message="line 2: said by the test"),
    ]
    text = render(collect([write_lines(tmp_path / "v.jsonl", rows)]))
    assert "module a;\n<mark>  assign &lt;x&gt;;\n</mark>endmodule" in text
    assert text.count("<mark>") == 1


@pytest.mark.parametrize(
    "where", ["code", "message", "task_id", "label", "prompt", "said", "model"]
)
def test_hostile_text_stays_text(tmp_path, where):
    one = row("adder", stage="simulate", code="module m; endmodule")
    folder = {}
    if where == "label":
        one["official"] = {"passed": False, "label": HOSTILE}
    elif where in ("prompt", "model"):
        folder[where] = HOSTILE
    elif where == "said":
        one["code"], folder["said"] = None, HOSTILE
    else:
        one[where] = HOSTILE
    results = write_lm_eval(tmp_path / "run", [one], **folder)
    text = render(collect([results, results]))
    text.encode()  # no lone surrogate is left
    page = Page(text)
    page.check_self_contained()
    assert "</script><script>alert(1)" in "".join(page.texts["body"])
    assert "⟨U+0000⟩⟨U+001B⟩[31m⟨U+202E⟩⟨U+D800⟩" in text
    assert "{{ 7*7 }}" in text


def test_hostile_training_run(tmp_path):
    rows = [{**record, "stage": HOSTILE, "stages": {HOSTILE: 3, "pass": 1}} for record in records()]
    run = write_run(tmp_path / "run", rows, recipe={HOSTILE: HOSTILE})
    Page(render(collect([run]))).check_self_contained()


def test_policy_allows_the_own_script_only(tmp_path):
    text = render(collect([write_run(tmp_path / "run")]))
    script = re.search(r"<script>(.*)</script>", text, re.S)[1]
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in text


def test_training_run(tmp_path):
    page = Page(render(collect([write_run(tmp_path / "run")])))
    page.check_self_contained()
    headings = "".join(page.texts["th"])
    assert "pass@1" in headings
    assert "pass@5" in headings
    assert "loss" not in headings  # all values are NaN
    points = [title for title in page.texts["title"] if ": pass@1" in title]
    assert [point.split()[2] for point in points] == ["0.25", "0.375", "0.375"]
    assert all("95 % interval" in point for point in points)
    assert "learning_rate" in headings


def test_phases(tmp_path):
    record = {**records()[1], "phase_seconds": {"sample": 30, "grade": 10.5, "fit": 20}}
    text = render(collect([write_run(tmp_path / "run", [record])]))
    assert "grade: 10.5 s" in text
    assert "60.5 s" in text


def test_plot_is_a_picture_of_its_own(tmp_path):
    """Well-formed, nothing loaded from outside, the same values as on the page."""
    picture = plot(read_run(write_run(tmp_path / "run")))
    root = ElementTree.fromstring(picture)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "href" not in picture
    assert "url(" not in picture
    page = Page(render(collect([tmp_path / "run"])))
    points = [text for text in page.texts["title"] if ": " in text]
    assert [t.text for t in root.iter("{http://www.w3.org/2000/svg}title")][1:] == points
    hostile = [{**record, "stage": HOSTILE} for record in records()]
    ElementTree.fromstring(plot(read_run(write_run(tmp_path / "bad", hostile))))


def test_a_full_benchmark_stays_small(tmp_path):
    code = "    assign out = in <= 8'd3 && in >= 8'd1;\n" * 60
    rows = [
        row(f"p{p}", s, "simulate", code=f"module m{s};\n{code}endmodule", message="< " * 300)
        for p in range(156)
        for s in range(20)
    ]
    text = render(collect([write_lm_eval(tmp_path / "run", rows)]))
    assert len(text.encode()) < 10e6
    assert "characters left out" in text


def test_a_row_per_model_and_a_column_per_benchmark(tmp_path):
    """A run that has published verdicts alone is marked."""
    write_lm_eval(tmp_path / "1", rows_of(STAGES), task="rtl_core", model="one")
    write_lm_eval(tmp_path / "2", rows_of({"a": "pass", "b": "syntax"}), task="rtllm", model="one")
    write_lm_eval(tmp_path / "3", rows_of(STAGES), task="rtllm", model="two")
    alone = [row("a", protocol="official", official={"passed": True, "label": "passed"})]
    write_lm_eval(tmp_path / "4", alone, task="rtllm", model="three")
    page = Page(render(collect([tmp_path / str(n) for n in range(1, 5)])))
    assert page.texts["h2"][:2] == ["Models and benchmarks", "Scores"]
    heads, one, two, three = page.rows[:4]
    assert heads == ["model", "rtl_core", "rtllm"]
    assert one == ["one", "0.26670.069 to 0.642", "0.50000.055 to 0.945"]
    assert two == ["two", "–", "0.26670.069 to 0.642"]
    assert three == ["three", "–", "1.0000 published"]


def test_one_benchmark_needs_no_overview(tmp_path):
    for model in ("one", "two"):
        write_lm_eval(tmp_path / model, rows_of(STAGES), model=model)
    page = Page(render(collect([tmp_path / "one", tmp_path / "two"])))
    assert page.texts["h2"][0] == "Scores"
