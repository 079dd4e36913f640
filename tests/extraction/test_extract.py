"""extract() on everything that a model may write; the table is the specification."""

from __future__ import annotations

import pytest

from itertl_eval.grader.extraction import extract
from tests.extraction.completions import (
    HEADER,
    HELPER,
    OTHER,
    PACKAGE,
    SKETCH,
    STRUCT,
    TESTBENCH,
    TOP,
    USES,
    WHOLE,
    WRONG,
    fence,
    same,
)

# name: (the completion, the code that is compiled). White space does not count.
FOUND = {
    # -- where the code is
    "bare": (WHOLE, WHOLE),
    "fence": (fence(WHOLE), WHOLE),
    "fence_without_language": (fence(WHOLE, ""), WHOLE),
    "fence_with_attributes": (fence(WHOLE, 'verilog title="top.v"'), WHOLE),
    "fence_of_tildes": (fence(WHOLE, "verilog", "~~~"), WHOLE),
    "fence_of_four": (fence(WHOLE, "verilog", "````"), WHOLE),
    "fence_indented": ("1. Here:\n   ```verilog\n" + WHOLE + "   ```\n", WHOLE),
    "fence_never_closed": ("Sure!\n```verilog\n" + WHOLE, WHOLE),
    "fence_never_opened": (WHOLE + "```\nThis inverts.", WHOLE),
    "fence_nested": (fence("Like so:\n" + fence(WHOLE), "markdown", "````"), WHOLE),
    "fences_with_text_between": (
        "First\n" + fence("assign y = a;") + "then all of it:\n" + fence(WHOLE) + "Done.", WHOLE,
    ),
    "fence_behind_words": (fence(WRONG) + "No. Answer: " + fence(WHOLE), WHOLE),
    "fence_in_a_list": ("1. " + fence(WRONG) + "2. " + fence(WHOLE) + "Done.", WHOLE),
    "fence_with_the_module_in_its_line": (
        fence(WRONG) + "No.\n```verilog " + WHOLE + "```\n", WHOLE,
    ),
    "fence_glued_to_the_module": (f"```{WHOLE}```\nThis inverts.", WHOLE),
    "inline_code": ("The answer is `" + WHOLE.replace("\n", " ").strip() + "`.", WHOLE),
    "fence_on_the_last_line": ("```verilog\n" + WHOLE.rstrip() + "```", WHOLE),
    "after_a_number": ("Solution 1" + WHOLE, WHOLE),
    "after_a_number_in_a_comment": (f"/* 1 */{WHOLE}", WHOLE),
    "begin_done": (f"[BEGIN]\n{WHOLE}[DONE]\n", WHOLE),
    "begin_without_done": (f"Here it is.\n[BEGIN]\n{WHOLE}", WHOLE),
    "done_without_begin": (f"{WHOLE}[DONE]\nmodule top_module(); endmodule\n", WHOLE),
    "begin_twice": (f"[BEGIN]\n{WRONG}[DONE]\nNo: [BEGIN]\n{WHOLE}[DONE]", WHOLE),
    "begin_and_fence": (f"[BEGIN]\n{fence(WHOLE)}[DONE]", WHOLE),
    "begin_inside_fence": (fence(f"[BEGIN]\n{WHOLE}[DONE]\n"), WHOLE),
    "begin_in_reasoning": (
        f"<think>I put it after [BEGIN]. [BEGIN]\n{WRONG}[DONE]</think>\n[BEGIN]\n{WHOLE}[DONE]",
        WHOLE,
    ),
    "begin_only_in_reasoning": (f"<think>The word [BEGIN] comes first.</think>\n{WHOLE}", WHOLE),
    "begin_in_prose_behind": (f"{WHOLE}\nI left out [BEGIN] and [DONE].", WHOLE),
    # -- reasoning
    "think": (f"<think>\n{WRONG}\n</think>\n{WHOLE}", WHOLE),
    "think_with_attributes_upper": (f"<THINK>{WRONG}</THINK>{WHOLE}", WHOLE),
    "think_only_closed": (f"maybe {WRONG}\n</think>\n{WHOLE}", WHOLE),
    "think_twice": (f"<think>{WRONG}</think>one more<think>{WRONG}</think>{WHOLE}", WHOLE),
    "special_tokens": (f"<|im_start|>assistant\n{WHOLE}<|im_end|><|endoftext|>", WHOLE),
    "answer_tags": (f"<answer>\n{WHOLE}</answer>", WHOLE),
    # -- several candidates
    "draft_then_final": (fence(WRONG) + "Wait, inverted!\n" + fence(WHOLE), WHOLE),
    "testbench_in_second_fence": (fence(WHOLE) + "Test it:\n" + fence(TESTBENCH), WHOLE),
    "testbench_in_first_fence": (fence(TESTBENCH) + fence(WHOLE), WHOLE),
    "testbench_cut_off": (fence(WHOLE + TESTBENCH).partition("#1")[0], WHOLE),
    "testbench_cut_off_without_fence": (f"{WHOLE}\n{TESTBENCH}".partition("#1")[0], WHOLE),
    "helper_cut_off": ((USES + HELPER).partition(" = ~i")[0],) * 2,
    "helper_in_first_fence": (fence(HELPER) + fence(USES), USES + HELPER),
    "helper_in_second_fence": (fence(USES) + "and\n" + fence(HELPER), USES + HELPER),
    "helper_unused_in_other_fence": (fence(HELPER) + fence(WHOLE), WHOLE),
    "helper_of_a_helper": (
        fence(USES) + fence(HELPER.replace("~i;", "~i; buf2 b();"))
        + fence("module buf2; endmodule\n"),
        USES + HELPER.replace("~i;", "~i; buf2 b();") + "module buf2; endmodule\n",
    ),
    "package_in_other_fence": (
        fence(PACKAGE) + "and\n" + fence(WHOLE.replace("~a", "p::N")),
        PACKAGE + WHOLE.replace("~a", "p::N"),
    ),
    "macro_in_other_fence": (
        fence("`define INV ~\n`define TWO 2\n") + fence(WHOLE.replace("~", "`INV ")),
        "`define INV ~\n`define TWO 2\n" + WHOLE.replace("~", "`INV "),
    ),
    "type_in_fence_behind": (
        fence(WHOLE.replace("input a", "input b_t a")) + fence("typedef logic [3:0] b_t;\n"),
        "typedef logic [3:0] b_t;\n" + WHOLE.replace("input a", "input b_t a"),
    ),
    "type_that_uses_a_macro": (
        fence("`define N 3\n") + fence(STRUCT.replace("logic a", "logic [`N:0] a"))
        + fence(WHOLE.replace("input a", "input s a")),
        "`define N 3\n" + STRUCT.replace("logic a", "logic [`N:0] a")
        + WHOLE.replace("input a", "input s a"),
    ),
    "macro_and_type_beside_a_helper": (
        fence("`define INV ~\n" + STRUCT + HELPER.replace("~", "`INV ") + WRONG)
        + fence(USES.replace("input a", "input s a")),
        "`define INV ~\n" + STRUCT + USES.replace("input a", "input s a")
        + HELPER.replace("~", "`INV "),
    ),
    "macro_revised": (
        fence("`define INV\n") + fence("`define INV ~\n") + fence(WHOLE.replace("~", "`INV ")),
        "`define INV ~\n" + WHOLE.replace("~", "`INV "),
    ),
    "macro_of_the_module_itself": (
        fence("`define INV\n") + fence("`define INV ~\n" + WHOLE.replace("~", "`INV ")),
        "`define INV ~\n" + WHOLE.replace("~", "`INV "),
    ),
    "macro_and_type_unused_in_other_fence": (
        fence("`define INV ~\n") + fence(STRUCT) + fence(WHOLE), WHOLE,
    ),
    "header_quoted_behind": (fence(WHOLE) + "The interface is as asked:\n" + fence(HEADER), WHOLE),
    "header_quoted_without_fence": (WHOLE + "As asked: module top_module (input a, output y);", WHOLE),  # noqa: E501
    "sketch_behind": (fence(WHOLE) + "In short:\n" + fence(SKETCH), WHOLE),
    "sketch_alone": (fence(SKETCH), SKETCH),
    "truncated_alone": (fence(HEADER + "  assign y\n"), HEADER + "  assign y"),
    "helpers_around": (HELPER + USES, HELPER + USES),
    "helper_revised": (
        fence(HELPER.replace("~i", "i")) + "Fix:\n" + fence(HELPER) + fence(USES), USES + HELPER,
    ),
    "two_tops_draft_with_function": (
        WRONG.replace("  assign", "  parameter N = 1;\n  function f; f = 0; endfunction\n  assign")
        + f"\nBetter:\n\n{WHOLE}",
        WHOLE,
    ),
    "two_tops_last_right": (f"{WRONG}\nBetter:\n\n{WHOLE}", WHOLE),
    "unfinished_then_final": (f"module top_module(input a,\n\nLet me redo it.\n{WHOLE}", WHOLE),
    # -- around the module
    "prose_before": (f"This module is an inverter:\n\n{WHOLE}", WHOLE),
    "prose_behind": (f"{WHOLE}\nThe module inverts a; it's simple.", WHOLE),
    "prose_says_module_and_name": (f"The module top_module inverts.\n{WHOLE}", WHOLE),
    "prose_names_module_behind": (f"{WHOLE}\nHere, module top_module is an inverter.", WHOLE),
    "prose_with_apostrophe_and_quote": (f'It\'s a 5" wide "thing.\n{WHOLE}', WHOLE),
    "prose_with_comment_mark": (f"Use a/* and b wisely.\n{fence(WHOLE)}", WHOLE),
    "prose_with_bracketed_module": (f"the module (shown below) and module;\n{WHOLE}", WHOLE),
    "prose_names_modules_behind": (
        f"{WHOLE}\nThis module works; the module top_module (shown above) inverts.", WHOLE,
    ),
    "prose_lines_that_begin_like_code": (
        "function is simple (it inverts);\ntask: invert; no more\nparameter N = 1 is not needed.\n"
        f"import note; read on\ntypedef is not used; fine\n\n{WHOLE}",
        WHOLE,
    ),
    "directives": (
        f"`timescale 1ns/1ps\n`default_nettype none\n{WHOLE}`default_nettype wire\n",
        f"`timescale 1ns/1ps\n`default_nettype none\n{WHOLE}`default_nettype wire\n",
    ),
    "include_guard": (
        f"`ifndef TOP_V\n`define TOP_V\n{WHOLE}`endif // TOP_V\nThis inverts.\n",
        f"`ifndef TOP_V\n`define TOP_V\n{WHOLE}`endif // TOP_V\n",
    ),
    "prose_ends_in_module": (f"Here is the Verilog module:\n\n{WHOLE}", WHOLE),
    "prose_asks_for_module": (f"Complete this module. A second module\n{WHOLE}", WHOLE),
    "define_of_two_lines": (
        f"`define INV(x) \\\n  ~(x)\n{WHOLE}", f"`define INV(x) \\\n  ~(x)\n{WHOLE}",
    ),
    "typedef_outside": (
        "typedef enum logic [1:0] {\n  A,\n  B\n} state_t;\n" + WHOLE,
        "typedef enum logic [1:0] {\n  A,\n  B\n} state_t;\n" + WHOLE,
    ),
    "typedef_with_brace_below": (f"{STRUCT}{WHOLE}",) * 2,
    "typedef_nested": (
        f"typedef struct packed {{\n{STRUCT.removeprefix('typedef ')}logic c;\n}} t;\n{WHOLE}",
    ) * 2,
    "typedef_of_a_vector": (f"typedef logic signed [7:0] b_t;\n{WHOLE}",) * 2,
    "parameter_outside": (f"localparam A = 0,\n  B = 1;\n{WHOLE}",) * 2,
    "function_outside": (
        f"function f(input x);\n  f = x;\nendfunction\n{WHOLE}",
        f"function f(input x);\n  f = x;\nendfunction\n{WHOLE}",
    ),
    "package": (
        f"package p;\n  localparam N = 1;\nendpackage\n{WHOLE}",
        f"package p;\n  localparam N = 1;\nendpackage\n{WHOLE}",
    ),
    "primitive": (
        f"primitive p(output o, input i);\n table 0 : 1; 1 : 0; endtable\nendprimitive\n{WHOLE}",
        f"primitive p(output o, input i);\n table 0 : 1; 1 : 0; endtable\nendprimitive\n{WHOLE}",
    ),
    "endmodule_with_name": (
        WHOLE.replace("endmodule", "endmodule : top_module"),
        WHOLE,
    ),
    "endmodule_twice_glued": (WHOLE.replace("endmodule", "endmoduleendmodule"), WHOLE),
    "endmodulemodule": (
        (HELPER + USES).replace("endmodule\nmodule", "endmodulemodule"), HELPER + USES,
    ),
    "endmodule_in_comment": (
        WHOLE.replace("  assign", "  // the endmodule comes later\n  assign"),
        WHOLE.replace("  assign", "  // the endmodule comes later\n  assign"),
    ),
    "module_in_comment_and_string": (
        WHOLE.replace("  assign", '  /* module top_module( */ initial $display("module x(");\n  assign'),  # noqa: E501
        WHOLE.replace("  assign", '  /* module top_module( */ initial $display("module x(");\n  assign'),  # noqa: E501
    ),
    "escaped_names": (
        WHOLE.replace("~a;", "\\endmodule ; wire \\endmodule = ~a;"),
    ) * 2,
    "escaped_name_of_the_top": (WHOLE.replace(TOP, "\\top_module"),) * 2,
    "commented_out_draft": (f"/* {WRONG} */\n{WHOLE}", WHOLE),
    "parameters": (
        WHOLE.replace("top_module (", "top_module #(parameter N = 1) ("),
        WHOLE.replace("top_module (", "top_module #(parameter N = 1) ("),
    ),
    "header_import": (
        WHOLE.replace("top_module (", "top_module import p::*; ("),
        WHOLE.replace("top_module (", "top_module import p::*; ("),
    ),
    "header_imports": (WHOLE.replace("e (", "e import p::*; import q::b; ("),) * 2,
    "comments_in_the_header": (
        WHOLE.replace("module top_module (", "module // top\n /* * */ top_module/*;*/ //(\n ("),
    ) * 2,
    "inline_code_in_comment": (
        WHOLE.replace("~a;", "~a; // `module top_module (`\n // `endmodule`"),
    ) * 2,
    "no_ports": ("module top_module;\nendmodule\n", "module top_module;\nendmodule\n"),
    "macromodule": (WHOLE.replace("module top", "macromodule top"),) * 2,
    "automatic": (WHOLE.replace("module top", "module automatic top"),) * 2,
    "attribute_before": (f'(* keep = "true" *)\n{WHOLE}', WHOLE),
    # -- characters
    "crlf": (WHOLE.replace("\n", "\r\n"), WHOLE),
    "cr_only": (WHOLE.replace("\n", "\r"), WHOLE),
    "tabs": (WHOLE.replace("  ", "\t"), WHOLE),
    "no_break_spaces": (WHOLE.replace(" ", "\u00a0"), WHOLE),
    "narrow_spaces": (WHOLE.replace(" ", "\u202f").replace("~a", "\u2009~\u2060a"), WHOLE),
    "byte_order_mark": ("\ufeff" + WHOLE, WHOLE),
    "zero_width_spaces": (WHOLE.replace("assign", "assign\u200b"), WHOLE),
    "smart_quotes": (
        WHOLE.replace("~a", "1\u2019b1 & ~a").replace("endm", "initial $display(\u201chi\u201d);endm"),  # noqa: E501
        WHOLE.replace("~a", "1'b1 & ~a").replace("endm", 'initial $display("hi");endm'),
    ),
    "long_dash": (WHOLE.replace("~a", "a \u2212 1"), WHOLE.replace("~a", "a - 1")),
    "hyphen_that_does_not_break": (
        WHOLE.replace("~a", "a \u2011 1"), WHOLE.replace("~a", "a - 1"),
    ),
    "nul_bytes": (WHOLE.replace("assign", "ass\0ign"), WHOLE),
    "unicode_comment": (WHOLE.replace("~a;", "~a; // ½ – “ü”"), WHOLE.replace("~a;", '~a; // ½ - "ü"')),  # noqa: E501
    "json_escapes_kept": (WHOLE.replace("endm", 'initial $display("\\"\\n");\nendm'),) * 2,
}  # fmt: skip


# name: (the completion, the header in the prompt, a word in the reason)
NOTHING = {
    "empty": ("", "", "empty"),
    "white_space": (" \n\t\r\n\u00a0 ", "", "empty"),
    "empty_with_header": ("", HEADER, "empty"),
    "nul_bytes": ("\0\0\0", "", "empty"),
    "only_reasoning": (f"<think>{WHOLE}</think>", "", "nothing but thoughts"),
    "reasoning_never_ends": (f"<think>I write {WHOLE}", "", "<think> is never closed"),
    "only_special_tokens": ("<|im_end|>", "", "empty"),
    "prose": ("I cannot write hardware.", "", "no module named top_module"),
    "prose_about_module": ("The module top_module inverts its input.", "", "no module named"),
    "other_name": (OTHER, "", "my_module"),
    "other_name_with_header": (OTHER, HEADER, "my_module"),
    "other_case": (WHOLE.replace(TOP, "Top_Module"), "", "Top_Module"),
    "longer_name": (WHOLE.replace(TOP, "top_module_2"), "", "top_module_2"),
    "testbench_only": (fence(TESTBENCH), "", "tb"),
    "in_comment_only": (f"/* {WHOLE} */", "", "no module"),
    "in_line_comments_only": ("".join(f"// {x}\n" for x in WHOLE.splitlines()), "", "no module"),
    "in_a_longer_word": (f"sub1{WHOLE}", "", "no module"),
    "in_a_word_of_another_alphabet": (f"inv\u5668{WHOLE}", "", "no module"),
    "in_string_only": ('it is "module top_module(); endmodule"', "", "no module"),
    "package_of_that_name": ("package top_module; endpackage", "", "no module"),
    "empty_fence": ("```verilog\n```", "", "no module"),
}


@pytest.mark.parametrize("name", FOUND)
@pytest.mark.parametrize("header", ["", HEADER], ids=["no_header", "header"])
def test_found(name: str, header: str) -> None:
    """A whole module is found, whether or not the prompt gave its header."""
    completion, code = FOUND[name]
    found = extract(completion, TOP, header)
    assert same(found.code, code), found
    assert found.problem == ""


@pytest.mark.parametrize("name", NOTHING)
def test_nothing(name: str) -> None:
    completion, header, word = NOTHING[name]
    found = extract(completion, TOP, header)
    assert found.code is None, found
    assert word in found.problem
