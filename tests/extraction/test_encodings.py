"""Encoded completions are decoded where that is certain, and named where it is not."""

from __future__ import annotations

import html
import json

import pytest

from itertl_eval.grader.extraction import detokenizer_fault, extract
from tests.extraction.completions import BODY, HEADER, TOP, WHOLE, fence, same

CODE = (
    "module top_module (\n  input [7:0] a,\n  output reg y\n);\n"
    "  // less & more\n  always @(*)\n    if (a <= 8'h0f && a > 2) y = 1'b1;\n    else y = 0;\n"
    "endmodule\n"
)


def prefixed(text: str, mark: str) -> str:
    return "".join(f"{mark}{line}\n" for line in text.splitlines())


def numbered(text: str, form: str, first: int = 1) -> str:
    lines = enumerate(text.splitlines(), first)
    return "".join(f"{form.format(number)}{line}\n" for number, line in lines)


FORMS = {
    "json": json.dumps({"explanation": "The module inverts a.", "code": CODE}),
    "json_string": json.dumps(CODE),
    "json_lines": json.dumps({"code": CODE.splitlines()}),
    "json_nested": json.dumps([{"files": [{"name": "top.v", "text": CODE}]}], indent=2),
    "json_fence": "Here:\n" + fence(json.dumps({"code": CODE}) + "\n", "json"),
    "json_behind_prose": "Here it is:\n" + json.dumps({"code": CODE}) + "\nIt compares a.",
    "json_in_answer_tags": f"<answer>{json.dumps({'code': CODE})}</answer>",
    "json_of_a_tool": '<tool_call>\n{"name": "write", "arguments": {"text": '
    + json.dumps(CODE)
    + "}}\n</tool_call>",
    "json_raw_newlines": '{"code": "' + CODE + '"}',
    "json_after_thoughts": "<think>{</think>\n" + json.dumps({"code": fence(CODE)}),
    "written_line_ends": CODE.replace("\n", "\\n"),
    "written_line_ends_in_fence": "Here:\n" + fence(CODE.replace("\n", "\\n") + "\n"),
    "written_line_ends_and_fence": fence(CODE).replace("\n", "\\n"),
    "entities": html.escape(CODE),
    "entities_in_fence": "Is a < b?\n" + fence(html.escape(CODE)),
    "entities_in_html": f"<pre><code>{html.escape(CODE)}</code></pre>",
    "quoted": "You wrote:\n" + prefixed(CODE, "> ") + "Done.",
    "quoted_without_blank": prefixed(CODE, ">"),
    "quoted_fence": prefixed(fence(CODE), "> "),
    "added_in_a_diff": fence(prefixed(CODE, "+"), "diff"),
    "numbers": numbered(CODE, "{}: "),
    "numbers_with_bars": fence(numbered(CODE, "{:4} | ")),
    "numbers_with_dots": numbered(CODE, "{}. ", first=10),
    "numbers_with_tabs": numbered(CODE, "{:6}\t"),
}


@pytest.mark.parametrize("header", ["", "module top_module (\n"], ids=["no_header", "header"])
@pytest.mark.parametrize("name", FORMS)
def test_decoded(name, header):
    found = extract(FORMS[name], TOP, header)
    assert same(found.code, CODE), found


def test_json_behind_a_body_does_not_replace_it():
    completion = f'{BODY}\n{{"note": "The module inverts."}}'
    assert same(extract(completion, TOP, HEADER).code, WHOLE)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"code": BODY, "note": "The module inverts."}),
        BODY.replace("\n", "\\n"),
        prefixed(BODY, "> "),
        numbered(BODY + "// end\n", "{}: "),
    ],
)
def test_a_decoded_body_continues_the_header(body):
    found = extract(body, TOP, HEADER)
    assert same((found.code or "").replace("// end", ""), WHOLE), found


@pytest.mark.parametrize(
    "code",
    [
        # Reductions of vectors named as entities are.
        "module top_module(input [3:0] lt, gt, output y, z);\n"
        "  assign y = &lt;\n  assign z = &gt;\nendmodule\n",
        "module top_module(input [3:0] lt, a, output y);\n  assign y = &lt; // a < 3\nendmodule\n",
        "module top_module(input a, output [1:0] y);\n  assign y = a < 3;\n  // &lt;\nendmodule\n",
        # Strings with escapes, in a module of several lines and of one.
        'module top_module;\n  initial $display("a\\nb\\n");\nendmodule\n',
        'module top_module; initial $display("a\\n"); endmodule',
        # Lines of Verilog that begin with an operator or a number.
        "module top_module(input [3:0] a, output y);\n  assign y = a\n  > 3\n  + 2;\nendmodule\n",
        "module top_module(input [1:0] a, output reg y);\n  always @* case (a)\n"
        "    0: y = 1;\n    1: y = 0;\n    2: y = 1;\n    3: y = 0;\n  endcase\nendmodule\n",
        "module top_module(output [3:0] y);\n  assign y = {\n1, 0,\n2\n};\nendmodule\n",
    ],
)
def test_verilog_is_not_decoded(code):
    for completion in (code, fence(code), f"1. Here it is:\n2. all of it\n{code}"):
        found = extract(completion, TOP).code
        assert found is not None
        assert found.strip() == code.strip()


GARBLED = {
    "\u0120 in place of blanks": CODE.replace(" ", "\u0120").replace("\n", "\u010a"),
    "\u2581 in place of blanks": CODE.replace(" ", "\u2581"),
    "byte tokens like <0x0A>": CODE.replace("\n", "<0x0A>"),
    "no blanks": CODE.replace(" ", ""),
    "no blanks ": CODE.replace(" ", "").replace("\n", ""),
}


@pytest.mark.parametrize("fault", GARBLED)
def test_a_broken_detokenizer_is_named(fault):
    assert detokenizer_fault(GARBLED[fault]) == fault.strip()
    found = extract(GARBLED[fault], TOP)
    if found.code is None:
        assert f"it has {fault.strip()}: the back end's detokenizer is broken" in found.problem


def test_text_of_a_sound_detokenizer_has_no_fault():
    found = [detokenizer_fault(text) for text in (CODE, fence(CODE), "module x;", "", WHOLE)]
    assert found == [""] * 5


def test_damaged_json_is_named():
    found = extract(json.dumps({"code": CODE})[:-20], TOP)
    assert found.code is None
    assert "JSON that can't be parsed" in found.problem


def test_never_raises_on_odd_text() -> None:
    for code in (0, 1, 0x7F, 0x85, 0x2028, 0xD800, 0xDFFF, 0xFFFE, 0x10FFFF):
        for text in (chr(code), chr(code) + WHOLE, WHOLE.replace("~a", f"~a /* {chr(code)} */")):
            found = extract(text, TOP)
            if found.code is not None:
                found.code.encode("utf-8")
