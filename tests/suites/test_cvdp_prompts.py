"""CVDP: what a model is asked, in our words and in the published ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from itertl_eval import load_suite
from itertl_eval.errors import UsageError
from itertl_eval.suites import with_published_prompts
from itertl_eval.suites._data import SOURCES, digest_of
from itertl_eval.suites.cvdp import _published_prompt
from tests.suites.cvdp_rows import ADD_ONE, lines, non_agentic, row

HELPERS = '''
class ModelHelpers:
    def __init__(self, folders=None, schema=None):
        self.folders = folders or """Folders.
"""
        self.schema = schema or ["A", "B"]

    def create_system_prompt(self, base_context=None, schema=None, category=None):
        system_prompt = base_context if base_context is not None else self.folders
        self.category_guidance = {3: "Three.", 16: "Sixteen."}
        if category in self.category_guidance:
            system_prompt += f"<{self.category_guidance[category]}>"
        if schema is not None:
            if isinstance(schema, list):
                system_prompt += f" One of: "
                schemas = []
                for sch in schema:
                    schemas.append(f"{sch}")
                system_prompt += " or ".join(schemas)
            else:
                system_prompt += f" This: {schema}"
            system_prompt += " in JSON."
        return system_prompt
'''
PROCESSOR = """
raise SystemExit("a script that nobody runs")

class DatasetProcessor:
    def create_context(self):
        prompt += "of another class"

class CopilotProcessor(DatasetProcessor):
    def create_context(self, id, model=None):
        prompt = ""
        for file, cxt in context['input']['context'].items():
            prompt += f"[{file}]{cxt}"
        prompt += f"(Do: {context['input']['prompt']})"
        if len(files) == 1:
            prompt += f"Into {files[0]}."
        elif len(files) > 1:
            prompt += f"Into all of {files}."
        else:
            prompt += "Say it."
"""


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """Scripts of the published shape, in place of NVIDIA's."""
    files = {"src/model_helpers.py": HELPERS, "src/dataset_processor.py": PROCESSOR}
    for path, text in files.items():
        file = tmp_path / "data" / "copy" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    digest = digest_of({path: text.encode() for path, text in files.items()})
    pinned = replace(SOURCES["cvdp-prompts"], digest=digest)
    monkeypatch.setitem(SOURCES, "cvdp-prompts", pinned)
    monkeypatch.setenv("ITERTL_EVAL_DATA", str(tmp_path / "data"))
    _published_prompt._strings.cache_clear()
    yield
    _published_prompt._strings.cache_clear()


@pytest.fixture
def suite_of(tmp_path):
    def suite_of(*rows):
        file = tmp_path / "rows.jsonl"
        file.write_text(lines(*rows))
        return load_suite(str(file))

    return suite_of


def test_our_prompt_has_the_files_the_request_and_the_form(suite_of):
    [one] = suite_of(row()).values()
    [two] = suite_of(row(patch={"rtl/counter.sv": "", "rtl/add_one.sv": ""})).values()
    assert one.prompt.description == "Write a counter."
    assert one.prompt.text.index(ADD_ONE.strip()) < one.prompt.text.index("Write a counter.\n")
    assert one.prompt.text.endswith("file rtl/counter.sv in one fenced code block.\n")
    assert "rtl/counter.sv, rtl/add_one.sv" in two.prompt.suffix


@pytest.mark.parametrize("form", [row, lambda: non_agentic(row())])
def test_the_published_prompt_for_one_file(scripts, suite_of, form):
    [problem] = with_published_prompts(suite_of(form())).values()
    assert problem.prompt.system == "Folders.\n<Three.>"
    assert problem.prompt.text == (
        f"[rtl/add_one.sv]{ADD_ONE}[docs/counter.md]It counts.\n"
        "(Do: Write a counter.)Into rtl/counter.sv."
    )


def test_the_published_prompt_for_several_files(scripts, suite_of):
    asked = row(categories=["cid016", "easy"], patch={"rtl/a.sv": "", "rtl/b.sv": ""})
    [problem] = with_published_prompts(suite_of(asked)).values()
    assert problem.prompt.system == "Folders.\n<Sixteen.> One of: A or B in JSON."
    assert problem.prompt.text.endswith(
        "(Do: Write a counter.)Into all of ['rtl/a.sv', 'rtl/b.sv']."
    )


def test_a_category_without_published_prompt_is_named(scripts, suite_of):
    with pytest.raises(UsageError, match="no published prompt for cid002"):
        with_published_prompts(suite_of(row(categories=["cid002", "easy"])))


def test_only_cvdp_has_two_prompts():
    with pytest.raises(UsageError, match="rtl_core has no other prompts"):
        with_published_prompts(load_suite("rtl_core"))


@pytest.mark.lm_eval
def test_the_task_takes_the_prompts_by_name(scripts, suite_of, tmp_path):
    from itertl_eval.lm_eval import VerilogTask

    suite_of(row())

    def prompt(**metadata):
        metadata["suite"] = str(tmp_path / "rows.jsonl")
        task = VerilogTask({"task": "cvdp", "metadata": metadata})
        return task.dataset["test"][0]["prompt"]

    assert "(Do: Write a counter.)" in prompt(prompt="published")
    assert prompt(prompt="ours") == prompt() != prompt(prompt="published")
    with pytest.raises(UsageError, match="use ours or published"):
        prompt(prompt="theirs")
