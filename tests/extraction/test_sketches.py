"""A sketch never replaces a complete module, and a comment never makes a module a sketch."""

from __future__ import annotations

import pytest

from itertl_eval.grader.extraction import extract
from tests.extraction.completions import HEADER, TOP, WHOLE, WRONG, fence, same

BODIES = {
    "same_as_before": "  // ... same as before\n",
    "rest_unchanged": "  // rest unchanged\n",
    "empty": "",
    "blank_lines": "\n\n",
    "dots": "  ...\n",
    "dots_for_a_value": "  assign y = ...;\n",
    "dots_in_comment": "  // ...\n",
    "dots_in_block": "  /* ... */\n",
    "one_character": "  // \u2026\n",
    "one_character_bare": "  \u2026\n",
    "your_code": "  // Your code here\n",
    "as_above": "  // (implementation as above)\n",
    "existing": "  // existing code\n",
    "todo": "  // TODO: logic\n",
    "logic_here": "  // logic goes here\n",
    "unsaid": "  // the inverter\n",
    "declarations": "  wire x;\n  reg [3:0] state;\n  // ...\n",
    "part": "  wire x;\n  assign x = a;  // new\n  // remaining assignments unchanged\n",
    "part_and_the_rest": "  wire x;\n  assign x = a; wire v = x;\n  // rest of the logic\n",
    "part_for_brevity": "  wire x = a; wire v = x;\n  // y omitted for brevity\n",
    "part_and_dots_alone": "  wire x = a; wire v = x;\n  /* ... */\n",
    "part_and_dots": "  assign y = x;\n  ...\n",
}
COMPLETE = WHOLE.replace("  assign", "  wire x = a; wire z = x;\n  assign")


def sketch(name: str) -> str:
    return f"{HEADER}{BODIES[name]}endmodule\n"


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(
    "form",
    ["{}In short:\n{}", "{}\nAnd the interface:\n\n{}", "[BEGIN]\n{}[DONE]\nIn short:\n{}"],
)
def test_a_later_sketch_does_not_replace_the_module(name, form):
    for mark in (fence, str):
        completion = form.format(mark(COMPLETE), mark(sketch(name)))
        assert same(extract(completion, TOP).code, COMPLETE), completion


@pytest.mark.parametrize("name", BODIES)
def test_an_earlier_sketch_does_not_matter(name):
    for completion in (
        fence(sketch(name)) + "Now all of it:\n" + fence(COMPLETE),
        sketch(name) + "\nNow all of it:\n\n" + COMPLETE,
        f"Outline:\n{fence(sketch(name))}[BEGIN]\n{COMPLETE}[DONE]",
    ):
        assert same(extract(completion, TOP).code, COMPLETE)


@pytest.mark.parametrize("name", BODIES)
def test_a_sketch_alone_is_graded_as_it_is(name):
    assert same(extract(fence(sketch(name)), TOP).code, sketch(name))


@pytest.mark.parametrize(
    "comment",
    [
        "// the rest of the bits is the same as before",
        "// ... and so on, see above",
        "/* existing behavior unchanged */",
        "// TODO: rename",
    ],
)
def test_a_comment_does_not_make_a_complete_module_a_sketch(comment):
    final = COMPLETE.replace("  assign", f"  {comment}\n  assign")
    draft = COMPLETE.replace("~a", "a")
    assert same(extract(fence(draft) + "Fixed:\n" + fence(final), TOP).code, final)


def test_the_last_of_two_complete_modules_counts():
    assert same(extract(fence(WRONG) + fence(WHOLE) + fence(sketch("empty")), TOP).code, WHOLE)


def test_an_unfinished_module_is_better_than_an_outline():
    cut = HEADER + "  assign y = "
    assert same(extract(fence(sketch("empty")) + f"```verilog\n{cut}", TOP).code, cut)


EXPLAINED = [
    "// remember the previous value",
    "// one of S0, S1, ... S3",
    "// a, b, etc.",
    "// drop the remaining bits",
    "// y has the same sign as a",
    "// in the same cycle",
    "// the existing carry",
    "// rest in this state",
    "// otherwise y is unchanged",
    "// inverted, as above",
    "// wait for it...",
    "// unlike the previous implementation",
    "// replaces the original logic",
    "// Insert your code here",
]


@pytest.mark.parametrize("comment", EXPLAINED)
def test_a_comment_that_explains_does_not_bring_back_a_longer_draft(comment):
    draft = WRONG.replace("  assign", "  wire z = a & a;\n  assign")
    final = WHOLE.replace("  assign", f"  {comment}\n  assign")
    final = final.replace("y = ~a", "y = ~(a & a)")
    for form in (fence, str):
        completion = f"{form(draft)}\nCorrected version:\n\n{form(final)}"
        assert same(extract(completion, TOP).code, final), completion


def test_much_less_logic_and_a_comment_that_points_elsewhere_make_a_sketch():
    for comment in ("// y as before", "// y unchanged", "// TODO: y", "// ... y"):
        part = f"{HEADER}  wire z = a;\n  {comment}\nendmodule\n"
        assert same(extract(fence(COMPLETE) + fence(part), TOP).code, COMPLETE)
