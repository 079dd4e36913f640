"""extract() where the prompt ended in a header; the table is the specification."""

from __future__ import annotations

import pytest

from itertl_eval.grader.extraction import extract
from tests.extraction.completions import (
    BODY,
    HEADER,
    HELPER,
    OTHER,
    PACKAGE,
    SKETCH,
    TESTBENCH,
    TOP,
    USES,
    WHOLE,
    WRONG,
    fence,
    same,
)

# The same for a prompt that ended in HEADER.
CONTINUED = {
    "body": (BODY, WHOLE),
    "body_without_endmodule": ("  assign y = ~a;\n", WHOLE),
    "body_then_fence_with_usage": (BODY + "```\n\nUse it so:\n" + fence(TESTBENCH), WHOLE),
    "body_and_prose": (BODY + "\nThis is an inverter. Note the module inverts.\n", WHOLE),
    "body_and_next_problem": (BODY + "\n// next\n" + OTHER, WHOLE),
    "body_with_helper_behind": (
        "  inv u(.i(a), .o(y));\nendmodule\n\n" + HELPER, USES + HELPER,
    ),
    "body_with_helper_of_a_helper_behind": (
        USES.removeprefix(HEADER) + HELPER.replace("~i;", "~i; buf2 b();")
        + "module buf2; endmodule\n",
        USES + HELPER.replace("~i;", "~i; buf2 b();") + "module buf2; endmodule\n",
    ),
    "body_in_fence_with_helper_in_another": (
        fence(HELPER) + "and\n" + fence(USES.removeprefix(HEADER)), USES + HELPER,
    ),
    "body_without_end_with_helper_in_another": (
        fence("  inv u(.i(a), .o(y));\n") + "and\n" + fence(HELPER), USES + HELPER,
    ),
    "body_with_macro_and_package_in_others": (
        fence("`define INV ~\n") + fence(PACKAGE) + fence(BODY.replace("~a", "`INV p::N")),
        "`define INV ~\n" + PACKAGE + WHOLE.replace("~a", "`INV p::N"),
    ),
    "body_with_other_top_behind": (BODY + "\n" + WRONG, WHOLE),
    "body_in_fence": (fence(BODY), WHOLE),
    "body_in_fence_behind_words": ("Answer: " + fence(BODY), WHOLE),
    "body_in_fence_behind_quoted_header": (
        f"Given:\n{fence(HEADER)}The rest:\n{fence(BODY)}", WHOLE,
    ),
    "body_in_fence_behind_mentioned_header": (
        f"I complete `module top_module (input a, ...)` so:\n{fence(BODY)}", WHOLE,
    ),
    "body_in_fence_before_quoted_header": (f"{fence(BODY)}It continues:\n{fence(HEADER)}", WHOLE),
    "body_in_fence_before_template": (f"{fence(BODY)}Put it in:\n{fence(SKETCH)}", WHOLE),
    "body_without_end_behind_quoted_header": (
        f"Given:\n{fence(HEADER)}The rest:\n" + fence("  assign y = ~a;\n"), WHOLE,
    ),
    "end_of_the_module_explained": (
        fence(WHOLE) + "It ends with\n" + fence("  assign y = ~a;  // y\nendmodule\n"), WHOLE,
    ),
    "body_then_closing_fence": (BODY + "```\n", WHOLE),
    "body_in_fence_without_endmodule": (fence("  assign y = ~a;\n"), WHOLE),
    "body_after_reasoning": (f"<think>hm\n{BODY}</think>\n  assign y = ~a;\nendmodule", WHOLE),
    "body_after_begin": (f"[BEGIN]\n{BODY}[DONE]", WHOLE),
    "body_after_begin_named_again": (f"[BEGIN]\n{BODY}[DONE]\nBetween [BEGIN] and [DONE].", WHOLE),
    "body_in_fence_marks_mentioned_behind": (fence(BODY) + "I left out [BEGIN] and [DONE].", WHOLE),
    "body_in_fence_marks_mentioned_before": ("Without [BEGIN] and [DONE]:\n" + fence(BODY), WHOLE),
    "body_in_fence_then_testbench": (fence(BODY) + "Test:\n" + fence(TESTBENCH), WHOLE),
    "body_without_end_then_testbench": (fence("  assign y = ~a;\n") + fence(TESTBENCH), WHOLE),
    "body_without_end_then_table": (
        fence("  assign y = ~a;\n") + "Its table:\n" + fence("a | y\n0 | 1\n1 | 0\n", ""), WHOLE,
    ),
    "body_without_end_then_usage": (
        fence("  assign y = ~a;\n")
        + fence("initial x = 0;\ntop_module #(.N(1)) u0(.a(x), .y(z));\nassign w = z;\n"),
        WHOLE,
    ),
    "body_without_end_then_instance": (
        fence("  assign y = ~a;\n") + fence("top_module u0(x, z);\n"), WHOLE,
    ),
    "body_without_keywords": (
        fence("a | y\n", "") + fence("  not g(y, a);\n"), HEADER + "  not g(y, a);\nendmodule\n",
    ),
    "body_without_end_revised": (fence("assign y = a;\n") + fence("assign y = ~a;\n"), WHOLE),
    "endmodule_in_a_sentence_then_body": (f"It must end with endmodule.\n{fence(BODY)}", WHOLE),
    "endmodule_in_a_sentence_then_module": (f"It must end with endmodule.\n{WHOLE}", WHOLE),
    "body_crlf": (BODY.replace("\n", "\r\n"), WHOLE),
    "body_endmodule_with_name": (BODY.replace("endmodule", "endmodule : top_module"), WHOLE),
    "body_endmodulemodule": (BODY.rstrip() + HELPER, WHOLE),
    "body_says_module_in_comment": (
        "  // this module is an inverter\n" + BODY, HEADER + "  // this module is an inverter\n" + BODY,  # noqa: E501
    ),
    "header_repeated_otherwise": (
        "module  top_module( input a ,output y ) ;\n" + BODY,
        "module  top_module( input a ,output y ) ;\n" + BODY,
    ),
    "header_old_style": (
        "module top_module(a, y);\n input a; output y;\n" + BODY,
        "module top_module(a, y);\n input a; output y;\n" + BODY,
    ),
    "rest_of_the_header": (");\n" + BODY, WHOLE),
    "rest_of_the_header_in_fence": (fence(");\n" + BODY), WHOLE),
    "directive_then_body": (
        "  `define INV ~\n" + BODY.replace("~", "`INV "),
        HEADER + "  `define INV ~\n" + BODY.replace("~", "`INV "),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTINUED)
def test_continued(name: str) -> None:
    completion, code = CONTINUED[name]
    found = extract(completion, TOP, HEADER)
    assert same(found.code, code), found
