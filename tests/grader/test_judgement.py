"""What a verdict says where the published harness alone has judged."""

import pytest

from itertl_eval.grading import Item, grade_many
from itertl_eval.suites import load_suite


@pytest.mark.data
@pytest.mark.simulator
@pytest.mark.parametrize(
    ("text", "stage", "label"),
    [("garbage", "syntax", "failed: syntax error."),
     ("assign nothing.x = 1;\nendmodule", "elaborate", "failed: compile error."),
     ("endmodule", "simulate", "failed: ")],
)  # fmt: skip
def test_a_published_verdict_names_the_stage_of_its_label(published, text, stage, label):
    problem = load_suite("verilogeval_human")["fsm3s"]
    (verdict,) = grade_many([Item(problem, text, protocol="official")])
    assert verdict.official["label"].startswith(label)
    assert (verdict.stage, verdict.protocol, verdict.passed) == (stage, "official", False)
