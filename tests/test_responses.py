"""Signs of a bad run in the completions alone."""

import json
import os
import time

import pytest

from itertl_eval.grader import Item
from itertl_eval.grader._samples import KEEP_DAYS, keep
from itertl_eval.lm_eval._responses import put_back, remarks, unfinished
from tests.designs import ADDER


@pytest.mark.parametrize(
    "text",
    [
        "assign y = a;\n",
        "always @* begin\n y = a;\nend // always\n",
        "a <= b; /* done */ ",
        "case (s) 0: y = 1; endcase",
        "assign y = a;\n`endif\n",
    ],
)
def test_a_body_with_an_end_is_finished(text):
    assert not unfinished(text, whole=False)


@pytest.mark.parametrize(
    "text", ["assign y = a &", "always @(posedge clk", "assign y = a; // and the", "y = a; /* and"]
)
def test_a_body_that_stops_in_the_middle_is_unfinished(text):
    assert unfinished(text, whole=False)


def test_a_whole_module_has_an_end():
    one = "```verilog\nmodule m(input a);\nendmodule\n```\nThis module is fine."
    assert not unfinished(one, whole=True)
    assert unfinished(one + "\nmodule helper(input b);\n assign", whole=True)
    assert unfinished("Let me think about the module", whole=True)


def test_a_completion_shorter_than_the_limit_was_not_cut():
    said = ["assign y = a &", "assign y = a;"]
    assert remarks(said, ["endmodule"], 15) == []
    assert remarks(said, ["endmodule"], None) == []
    assert remarks(said, ["endmodule"], 14)[0].startswith("1 of 2 completions end in the middle")


def test_warns_of_empty_completions_from_five_percent_on():
    said = ["assign y = a;"] * 19
    assert remarks([*said, said[0]], ["endmodule"], 100) == []
    (remark,) = remarks([*said, " "], ["endmodule"], 100)
    assert remark.startswith("1 of 20 completions are empty (5%)")
    assert remarks([*said, said[0], " "], ["endmodule"], 100) == []
    assert remarks(["", "\n"], ["endmodule"], 100)[0].startswith("all 2 completions are empty")


def test_a_rank_without_documents_has_no_remarks():
    assert remarks([], ["endmodule"], 100) == []


def test_warns_when_sampled_completions_are_identical():
    """lm-eval's gguf sends temperature 0 whatever the request says."""

    def said(texts, problems, temperature):
        return remarks(texts.split(), ["endmodule"], None, problems.split(), temperature)

    (remark,) = said("x; y; x; y; z;", "a b a b c", 0.8)
    assert remark.startswith("all samples of each problem are equal although the temperature is 0")
    assert said("x; y; x; z;", "a b a b", 0.8) == []
    assert said("x; x;", "a a", 0.0) == []
    assert said("x; x;", "a b", 0.8) == []


def test_endmodule_is_put_back_once():
    assert put_back("assign y = a;", ["endmodule"]) == "assign y = a;\nendmodule\n"
    assert put_back("endmodule", ["endmodule"]) == "endmodule"
    assert put_back("assign y = a;", ["[DONE]"]) == "assign y = a;"


def test_completions_are_kept_for_a_while(tmp_path, monkeypatch):
    monkeypatch.setenv("ITERTL_EVAL_CACHE", str(tmp_path))
    old = keep([], "old/name")
    assert old.parent == tmp_path / "completions"
    days = time.time() - (KEEP_DAYS + 1) * 86_400
    os.utime(old, (days, days))
    kept = keep([Item(ADDER, "text \u2028 \ud800", 3)], "task")
    assert [json.loads(line) for line in kept.read_text().splitlines()] == [
        {"task_id": "adder", "completion": "text \u2028 \ud800", "sample": 3}
    ]
    assert not old.exists()
