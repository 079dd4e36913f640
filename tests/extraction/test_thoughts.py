"""Thoughts are dropped, whatever their marks; a completion that never left them has no design."""

from __future__ import annotations

import pytest

from itertl_eval.grader.extraction import closes_thoughts, extract, opening_mark, unclosed_mark
from tests.extraction.completions import HEADER, TOP, WHOLE, WRONG, fence, same

MARKS = {
    "think": ("<think>", "</think>"),
    "thinking": ("<thinking>", "</thinking>"),
    "attributes": ('<thinking type="deep">', "</thinking>"),
    "upper": ("<Thought>", "</THOUGHT>"),
    "reasoning": ("<reasoning>", "</reasoning>"),
    "scratchpad": ("<scratchpad>", "</scratchpad>"),
    "camel": ("<antThinking>", "</antThinking>"),
    "mistral": ("[THINK]", "[/THINK]"),
    "seed": ("<seed:think>", "</seed:think>"),
    "longcat": ("<longcat_think>", "</longcat_think>"),
    "open_thinker": ("<|begin_of_thought|>", "<|end_of_thought|>"),
    "command": ("<|START_THINKING|>", "<|END_THINKING|>"),
    "one_word": ("<|startthink|>", "<|endthink|>"),
    "kimi": ("\u25c1think\u25b7", "\u25c1/think\u25b7"),
    "apertus": ("<|inner_prefix|>", "<|inner_suffix|>"),
    "wide_bars": ("<\uff5cthink\u2581start\uff5c>", "<\uff5cthink\u2581end\uff5c>"),
    "unused_tokens": ("<unused94>thought\n", "<unused95>"),
    "roles": ("<|im_start|>think\n", "<|im_start|>answer\n"),
    "details": ("<details><summary>Thinking</summary>", "</details>"),
    "details_type": ('<details type="reasoning" done="true">', "</details>"),
    "prose": ("Here is my thought process:\n", "Here is my response:\n"),
    "harmony": (
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
    ),
    "harmony_half_stripped": (
        "<|channel|>analysis<|message|>",
        "<|channel|>final<|message|>",
    ),
    "harmony_stripped": ("analysisWe need ", "assistantfinal"),
    "channel": ("<|channel>thought\n", "<channel|>"),
}
SPOKEN = {
    "bare": WRONG,
    "fenced": fence(WRONG),
    "about_marks": f"I close with an end mark. [BEGIN]\n{WRONG}[DONE]\n",
}


@pytest.mark.parametrize("header", ["", HEADER], ids=["no_header", "header"])
@pytest.mark.parametrize("thought", SPOKEN)
@pytest.mark.parametrize("answer", [WHOLE, fence(WHOLE)], ids=["bare", "fenced"])
@pytest.mark.parametrize("name", MARKS)
def test_closed_thoughts_are_dropped(name, answer, thought, header):
    begin, end = MARKS[name]
    completion = f"{begin}{SPOKEN[thought]}\n{end}\n{answer}"
    assert same(extract(completion, TOP, header).code, WHOLE)
    assert not unclosed_mark(completion)


@pytest.mark.parametrize("header", ["", HEADER], ids=["no_header", "header"])
@pytest.mark.parametrize("name", MARKS)
def test_a_completion_that_never_leaves_its_thoughts_has_no_design(name, header):
    begin, _ = MARKS[name]
    for thought in (WHOLE, fence(WHOLE)):
        completion = f"{begin}{thought}\nHmm, is k"
        found = extract(completion, TOP, header)
        assert found.code is None
        assert "ends inside its thoughts" in found.problem
        assert unclosed_mark(completion)


# The ends of these may also end something else.
AMBIGUOUS = {"roles", "details", "details_type", "prose", "channel"}


@pytest.mark.parametrize("name", [name for name in MARKS if name not in AMBIGUOUS])
def test_thoughts_may_begin_in_the_prompt(name):
    _, end = MARKS[name]
    assert same(extract(f"I think {fence(WRONG)}\n{end}\n{fence(WHOLE)}", TOP).code, WHOLE)


def test_thoughts_after_the_answer_do_not_undo_it():
    completion = f"<think>{WRONG}</think>{fence(WHOLE)}<think>Is it {WRONG}"
    assert same(extract(completion, TOP).code, WHOLE)
    assert unclosed_mark(completion) == "<think>"


def test_an_answer_tag_ends_thoughts_that_were_not_closed():
    completion = f"<think>In <answer> I put {fence(WRONG)}\n<answer>\n{fence(WHOLE)}</answer>"
    assert same(extract(completion, TOP).code, WHOLE)


def test_nested_and_mixed_marks():
    nested = f"<think>a <think>b</think> {WRONG}</think>{WHOLE}"
    mixed = f"<think>as <analysis>b</analysis> {WRONG}</think>{WHOLE}"
    for completion in (nested, mixed):
        assert same(extract(completion, TOP).code, WHOLE)


@pytest.mark.parametrize(
    "code",
    [
        WHOLE.replace("~a", "~a & mem[THINK]"),
        WHOLE.replace("~a;", "~a; // analysis of <b> and [NOTE]"),
        WHOLE.replace("~a", "(a < b) | (c > d)"),
        WHOLE.replace("~a", "(a <inner && a > c)"),
        WHOLE.replace("~a", "(a <cot + 1 || b == a -1 && a > c)"),
        WHOLE.replace("~a", "a <reason ? b > c : c"),
        f"[ANALYSIS]\nThe output is inverted.\n\n[CODE]\n{WHOLE}",
        f"analysis: an inverter.\n{WHOLE}",
        f"I was thinking of reasoning about <b>analysis</b>.\n{WHOLE}",
    ],
)
def test_what_only_resembles_thoughts_is_kept(code):
    found = extract(code, TOP).code
    assert found is not None
    assert same(found, code[code.index("module") :])


def test_a_second_end_mark_behind_the_design_does_not_undo_it():
    for mark in ("</think>", "\n</think>\n\n", "[/THINK]"):
        for before in (f"<think>{WRONG}</think>\n", "<think>Invert it.</think>An inverter:\n"):
            completion = f"{before}{fence(WHOLE)}{mark}"
            assert same(extract(completion, TOP, HEADER).code, WHOLE), completion


@pytest.mark.parametrize(
    "completion",
    [
        f"<think>{fence(WHOLE)}</think>",
        f"{fence(WHOLE)}</think>",  # the prompt may have opened them
        f"{WHOLE}</think>",
        f"{fence(WHOLE)}Is that right? Yes.</think>",
        f"{fence(HEADER)}</think>",
        f"{fence(WHOLE)}```</think>",
        f"{WHOLE}It begins with ```</think>",
        f"{fence(WHOLE)}</think></think>",
    ],
)
def test_a_mark_is_only_stray_right_behind_a_fenced_module(completion):
    found = extract(completion, TOP)
    assert found.code is None
    assert "nothing but thoughts" in found.problem


def test_a_stray_end_mark_does_not_bring_back_a_draft():
    assert same(extract(f"{fence(WRONG)}</think>\n{fence(WHOLE)}", TOP).code, WHOLE)
    assert extract(f"{fence(WHOLE)}</think>\nI can't do it.", TOP).code is None


def test_a_thought_process_that_ends_in_a_fenced_module_is_no_thought():
    completion = f"Here's my thought process: a is inverted.\n\n{fence(WHOLE)}"
    assert same(extract(completion, TOP).code, WHOLE)
    assert not unclosed_mark(completion)


@pytest.mark.parametrize("summary", ["Design analysis", "Analysis", "Inner works", "Rationale"])
def test_details_about_the_design_are_kept(summary):
    completion = f"<details><summary>{summary}</summary>\n\n{fence(WHOLE)}</details>"
    assert same(extract(completion, TOP).code, WHOLE)


def test_a_prompt_that_opens_thoughts():
    assert opening_mark("<|im_start|>assistant\n<think>\n") == "<think>"
    assert opening_mark("[INST]x[/INST][THINK]") == "[THINK]"
    assert opening_mark("<|START_OF_TURN_TOKEN|><|START_THINKING|>") == "<|START_THINKING|>"
    assert opening_mark("<think>\n\n</think>\n\n") == ""
    assert opening_mark("<|im_start|>assistant\n") == ""
    assert opening_mark("") == ""


def test_tokens_that_close_thoughts():
    found = [
        t
        for t in ("</think>", "[/THINK]", "<think>", "</s>", "<|END_THINKING|>", "x")
        if closes_thoughts(t)
    ]
    assert found == ["</think>", "[/THINK]", "<|END_THINKING|>"]
