"""Lines that people read: text of designs and models, numbers with their nouns."""

from itertl_eval._util.printable import counted, printable
from itertl_eval._util.progress import say


def test_what_moves_a_cursor_or_turns_the_text_is_shown_by_number():
    hostile = "a\x1b[2J\x07\x9b1m\u202eb\r\n\tc\rd"
    assert printable(hostile) == (
        "a\u27e8U+001B\u27e9[2J\u27e8U+0007\u27e9\u27e8U+009B\u27e91m\u27e8U+202E\u27e9b\n\tc"
        "\u27e8U+000D\u27e9d"
    )
    assert printable("täglich 8°, 中文 and a tab\t") == "täglich 8°, 中文 and a tab\t"


def test_lines_for_the_user_hold_no_escape_sequence(capsys):
    say("sample \x1b]0;title\x07 done")
    shown = capsys.readouterr().err
    assert "title" in shown
    assert "\x1b" not in shown


def test_one_is_singular_and_every_other_number_plural():
    assert [counted(n, "held-out problem") for n in (0, 1, 2)] == [
        "0 held-out problems",
        "1 held-out problem",
        "2 held-out problems",
    ]
    assert counted(1, "testbench", "testbenches") == "1 testbench"
    assert counted(0, "testbench", "testbenches") == "0 testbenches"
