"""Signs of a bad run in the completions alone."""

import json
import os
import time

import pytest

from itertl_eval.grader import Item
from itertl_eval.grader._samples import KEEP_DAYS, keep
from itertl_eval.lm_eval._back_end import BackEnd
from itertl_eval.lm_eval._remarks import Run, unfinished
from itertl_eval.lm_eval._responses import put_back
from itertl_eval.lm_eval._sampling import Sampling
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


def run(texts, problems=None, *, limit=None, stops=("endmodule",), temperature=0.0, model=None):
    """A run of these completions, of one problem each unless it is given."""
    sampling = Sampling(
        {"until": list(stops), "max_gen_toks": limit, "temperature": temperature}, seeds=False
    )
    problems = problems or list(map(str, range(len(texts))))
    return Run(texts, problems, [""] * len(texts), sampling, BackEnd(model))


def test_a_completion_shorter_than_the_limit_was_not_cut():
    texts = ["assign y = a &", "assign y = a;"]
    assert run(texts, limit=15).cut_remark(None) == []
    assert run(texts).cut_remark(None) == []
    (remark,) = run(texts, limit=14).cut_remark(None)
    assert remark.startswith("1 of 2 completions end in the middle: raise")
    assert "max_gen_toks=N (now 14)" in remark


def test_a_remark_counts_cuts_thoughts_and_passes():
    texts = [
        "<think>\n```\nmodule m; endmodule\n```\nHmm, is k",  # inside thoughts
        "```\nmodule m; endmodule\n```\nBut wait, it seems that k " * 2,  # a draft, then prose
        "module m(input a,",  # too short to have met the limit
        "```\nmodule m; endmodule\n```\n" * 9,  # long and complete
        "```\nmodule m; endmodule\n```\nThis module does nothing, as was required. " * 9,
    ]
    (remark,) = run(texts, limit=40, stops=["<eos>"]).cut_remark([False, True, True, True, True])
    assert remark.startswith(
        "2 of 5 completions end in the middle, 1 of them inside their thoughts, and 1 of these "
        "pass: raise the length limit"
    )


class Tokenized:
    """A back end that has a token for each word."""

    def tok_encode(self, text):
        return list(range(len(text.split())))


def test_tokens_are_counted_where_there_is_a_tokenizer():
    cut, complete = "assign y = a ; assign z =", "assign y = a; assign z = 12345678901234567890;"
    cuts, _ = run([cut, complete], limit=8, model=Tokenized()).cuts()
    assert cuts == [True, True]
    cuts, _ = run([cut, complete], limit=9, model=Tokenized()).cuts()
    assert cuts == [False, False]


class Server:
    """A server that says why each completion ended."""

    def parse_generations(self, outputs, **_):
        return [choice["text"] for choice in outputs["choices"]]


def test_the_reason_of_a_back_end_decides():
    server = Server()
    cut, complete = "assign y = a;", "assign y = a & " * 9
    back_end = run([], model=server).back_end
    choices = [("length", cut), ("stop", complete)]
    outputs = {"choices": [{"finish_reason": r, "text": t} for r, t in choices]}
    assert server.parse_generations(outputs=outputs) == [cut, complete]
    assert [back_end.reason(text) for text in (cut, complete, "other")] == ["length", "stop", ""]
    cuts, _ = run([cut, complete], limit=20, model=server).cuts()
    assert cuts == [True, False]


def test_warns_of_empty_completions_from_five_percent_on():
    texts = ["assign y = a;"] * 19
    assert run([*texts, texts[0]]).remarks() == []
    (remark,) = run([*texts, " "]).remarks()
    assert remark.startswith("1 of 20 completions are empty (5%)")
    assert run([*texts, texts[0], " "]).remarks() == []
    assert run(["", "\n"]).remarks()[0].startswith("all 2 completions are empty")


def test_warns_of_a_broken_detokenizer():
    broken = "assign\u0120y\u0120=\u0120a;"
    (remark,) = run([broken, broken, "assign y = a;"]).remarks()
    assert remark.startswith("2 of 3 completions have \u0120 in place of blanks")


def test_a_rank_without_documents_has_no_remarks():
    assert run([]).remarks() == run([]).cut_remark([]) == []


def test_warns_when_sampled_completions_are_identical():
    """lm-eval's gguf sends temperature 0 whatever the request says."""

    def remarks(texts, problems, temperature):
        return run(texts.split(), problems.split(), temperature=temperature).remarks()

    (remark,) = remarks("x; y; x; y; z;", "a b a b c", 0.8)
    assert remark.startswith("all samples of each problem are equal although the temperature is 0")
    assert remarks("x; y; x; z;", "a b a b", 0.8) == []
    assert remarks("x; x;", "a a", 0.0) == []
    assert remarks("x; x;", "a b", 0.8) == []


def test_endmodule_is_put_back_once():
    assert put_back("assign y = a;", ["endmodule"]) == "assign y = a;\nendmodule\n"
    assert put_back("endmodule", ["endmodule"]) == "endmodule"
    assert put_back("assign y = a;", ["[DONE]"]) == "assign y = a;"


def test_the_mark_that_opened_thoughts_in_the_prompt_is_put_back():
    assert put_back("so.</think>assign y = a;", [], "<think>").startswith("<think>so.")
    assert put_back("", [], "<think>") == ""


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


@pytest.mark.parametrize(
    "piece", ["/*", "//", "`", " ", "` ", "; ", "end ", "module ", "\n", "<think>", "endmodule:"]
)
def test_remarks_take_linear_time(piece):
    """A model that repeats itself up to its length limit is what these remarks are for."""
    texts = [piece * (100_000 // len(piece)) + end for end in ("", "x", "\nx")]
    started = time.process_time()
    for stops in (["endmodule"], ["<eos>"]):
        found = run(texts, limit=100, stops=stops)
        found.remarks()
        found.cut_remark([False] * 3)
    assert time.process_time() - started < 3
