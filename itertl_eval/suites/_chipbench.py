"""ChipBench (zhongkaiyu/ChipBench): generation and debugging, in VerilogEval v2's file layout.

Most problems have no cocotb testbench here. `itertl-eval fetch chipbench` makes them from the
references and keeps them in the cache folder; without them a problem can be read but not graded by
our protocol.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from itertl_eval._util.paths import made_testbenches, shipped
from itertl_eval.errors import InfrastructureError
from itertl_eval.problem import Problem, Prompt, PublishedBench, Suite
from itertl_eval.suites._data import SOURCES, Files, read_source
from itertl_eval.suites._equivalent import equivalent_mutants

TOP = "TopModule"
SUITES = {
    "chipbench": "Verilog Gen/",
    "chipbench_debug_zero_shot": "Verilog Debugging/dataset_debug_zero_shot_",
    "chipbench_debug_one_shot": "Verilog Debugging/dataset_debug_one_shot_",
}
"""Suite name -> prefix of the paths of its problems."""
_MACRO = re.compile(r"`define\s+(\w+)")
_MODULE = re.compile(r"^\s*module\s+(\w+)\s*[(#;].*?^\s*endmodule", re.MULTILINE | re.DOTALL)


def load_chipbench(name: str) -> Suite:
    """ChipBench: 45 problems of generation, or 89 of debugging without or with a waveform.

    A problem's id is its data set and its number, as "self_contain_Prob001", since several data
    sets number their problems alike.
    """
    source = SOURCES["chipbench"]
    files = read_source(source.name)
    stems = sorted(
        path.removesuffix("_prompt.txt")
        for path in files
        if path.startswith(SUITES[name]) and path.endswith("_prompt.txt")
    )
    problems = (_problem(files, name, stem) for stem in stems)
    return Suite(name, problems, revision=source.revision)


def _problem(files: Files, suite: str, stem: str) -> Problem:
    path = PurePosixPath(stem)
    data_set = re.sub(r"^dataset_(debug_(zero|one)_shot_)?", "", path.parent.name)
    number = path.name.partition("_")[0]
    task_id = f"{data_set}_{number}"
    published = files[f"{stem}_ref.sv"].decode(errors="replace")
    test = files[f"{stem}_test.sv"].decode(errors="replace")
    text = files[f"{stem}_prompt.txt"].decode(errors="replace")
    reference = _complete(published, test, text)
    from itertl_eval.verilog import slang  # large

    ports = slang.ports(reference, TOP)
    if ports is None:
        raise InfrastructureError(f"no readable module in ChipBench's {stem}_ref.sv")
    circuit = path.name.partition("_")[2]  # the data sets share circuits and their references
    testbench = shipped("testbenches") / "chipbench" / f"{circuit}.py"
    if not testbench.exists():
        testbench = made_testbenches(suite) / f"{task_id}.py"
    return Problem(
        id=task_id,
        suite=suite,
        top=TOP,
        ports=ports,
        prompt=Prompt(description=f"{text.rstrip()}\n"),
        reference=reference,
        testbench=testbench if testbench.exists() else None,
        equivalent=equivalent_mutants("chipbench").get(circuit, {}),
        tags=("chipbench", circuit),
        published=PublishedBench(2, test, "", published),
    )


def _complete(published: str, test: str, text: str) -> str:
    """Return the reference so that it compiles alone.

    It takes its macros from the published testbench, and modules that the prompt gives to the model
    from the prompt.
    """
    given = [m[0] for m in _MODULE.finditer(text) if _is_lacking(m[1], published)]
    used = set(re.findall(r"`(\w+)", "\n".join([published, *given])))
    macros = [line for line in test.splitlines() if (m := _MACRO.match(line)) and m[1] in used]
    design = re.sub(r"\bRefModule\b", TOP, published)
    return "\n".join([*macros, design, *given])


def _is_lacking(module: str, design: str) -> bool:
    named = re.search(rf"\b{module}\b", design)
    return named is not None and not re.search(rf"\bmodule\s+{module}\b", design)
