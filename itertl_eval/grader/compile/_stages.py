"""Take a sample up to its simulation.

Policy, preprocessor, pyverilog, compiler, interface: each stage is announced before it
starts, so that the watching process knows in which stage a process ended without an answer.
"""

from __future__ import annotations

import re

from itertl_eval.grader._job import CompileJob
from itertl_eval.grader._outcome import Send
from itertl_eval.grader.compile import _policy, prefilter
from itertl_eval.grader.compile._compiler import (
    SOURCE,
    Tools,
    compile_design,
    expand,
    require_working,
)
from itertl_eval.grader.compile._explain import explain
from itertl_eval.grader.compile._interface import interface_fault
from itertl_eval.grader.compile._messages import MOST_CHARACTERS, first_error
from itertl_eval.verilog import without_assertions

_LINE = re.compile(r"^`line\b[^\n]*", re.MULTILINE)
_INCLUDED = re.compile(rf'^`line \d+ "(?!{re.escape(SOURCE)}")([^"\n]*)"', re.MULTILINE)
_MARK = f'`line 1 "{SOURCE}" 0\n'


def prepare(sample: CompileJob, tools: Tools, report: Send) -> bool:
    """Compile a sample into DESIGN in the working folder.

    Returns:
        Whether it can be simulated. If not, the verdict has been reported.

    Raises:
        OSError: This machine is at fault, not the sample.
    """
    report({"stage": "policy"})
    most = _policy.MAX_WITH_GIVEN if sample.bare else _policy.MAX_CHARACTERS
    if broken := _policy.violation(sample.source, sample.frame.given.includes, most):
        report({"failed": broken})
        return False
    report({"stage": "syntax"})
    # The prelude comes first, so that nothing the design defines or leaves open can reach it.
    expanded, complaint = _expand(sample, tools, sample.source)
    if expanded is None:
        require_working(tools)
        report({"failed": first_error(complaint) or complaint[:MOST_CHARACTERS]})
        return False
    design = expanded.partition(_MARK)[2]  # the first mark: a comment may hold another
    included = _INCLUDED.findall(design) if "`" in sample.source else []
    if foreign := next((name for name in included if not _is_given(name, sample)), None):
        report({"stage": "policy", "failed": f"reads another file ({foreign[:100]})"})
        return False
    bare = _LINE.sub("", design)
    report({"pyverilog": prefilter.reject(bare) is None})
    if not included:  # otherwise the directives tell which file a line is in
        design = bare
    report({"stage": "elaborate"})
    refusal = compile_design(tools, expanded, sample.root, sample.settings)
    if refusal is not None and not _compiles_without_assertions(sample, tools, design):
        report(explain(sample, tools, refusal, design))
        return False
    if sample.bare:  # a harness says nothing of ports but by what its tests do
        return True
    report({"stage": "interface"})
    if wrong := interface_fault(sample, design):
        report({"failed": wrong[:MOST_CHARACTERS]})
        return False
    return True


def _compiles_without_assertions(sample: CompileJob, tools: Tools, design: str) -> bool:
    """Compile the logic of a refused design, if that is all it takes.

    Whether assertions hold is not part of a verdict, and they can't change the logic.
    """
    logic = without_assertions(design)
    if logic == design:
        return False
    expanded, _ = _expand(sample, tools, logic)
    if expanded is None:
        return False
    return compile_design(tools, expanded, sample.root, sample.settings) is None


def _is_given(file: str, sample: CompileJob) -> bool:
    return file.removeprefix("./") in sample.frame.given.includes


def _expand(sample: CompileJob, tools: Tools, design: str) -> tuple[str | None, str]:
    prelude = {f"{sample.root}.prelude": sample.prelude} if sample.prelude else {}
    return expand(tools, prelude, sample.frame.given, design)
