"""RTLLM 2.0 (arXiv 2308.05345), read from its own files.

Each design is a folder with design_description.txt, testbench.v and a reference. What the text
leaves out and no design can guess is told to the model in a sentence after the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from itertl_eval._util.paths import shipped
from itertl_eval.errors import InfrastructureError
from itertl_eval.problem import Problem, Prompt, PublishedBench, Suite
from itertl_eval.suites._data import SOURCES, Files, read_source
from itertl_eval.suites._equivalent import equivalent_mutants

_DESCRIPTION = "design_description.txt"
_RESULTS = "Give me the complete code."


@dataclass(frozen=True)
class Special:
    """What is different about one design.

    Attributes:
        top: The module's name in the text, where the folder has another one.
        ports: Port name in the reference -> port name in the text.
        parameters: The settings that the testbench runs against; none for the text's own.
        addition: What the model is told beside the text.
    """

    top: str = ""
    ports: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Mapping[str, int], ...] = ({},)
    addition: str = ""


SPECIAL: dict[str, Special] = {
    "RAM": Special(addition="write_addr and read_addr have 8 bits."),
    "asyn_fifo": Special(parameters=({"WIDTH": 8, "DEPTH": 16}, {"WIDTH": 12, "DEPTH": 32})),
    "barrel_shifter": Special(addition="Shift to the right; zeros are shifted in from the left."),
    "clkgenerator": Special(parameters=({}, {"PERIOD": 14})),
    "fixed_point_adder": Special(parameters=({"N": 32, "Q": 15},)),
    "fixed_point_substractor": Special(
        top="fixed_point_subtractor", parameters=({"N": 32, "Q": 15},)
    ),
    "freq_divbyeven": Special(
        top="freq_diveven", parameters=({"NUM_DIV": 6}, {"NUM_DIV": 4}, {"NUM_DIV": 10})
    ),
    "freq_divbyodd": Special(parameters=({"NUM_DIV": 5}, {"NUM_DIV": 3}, {"NUM_DIV": 7})),
    "radix2_div": Special(
        addition="There is one more input port, res_ready: 1-bit, 1 in the cycle in which the "
        "result is consumed."
    ),
    "sequence_detector": Special(ports={"rst_n": "reset_n"}, addition="reset_n is active low."),
}


def load_rtllm() -> Suite:
    """RTLLM 2.0: 50 designs, described in prose with named ports."""
    source = SOURCES["rtllm-v2"]
    files = read_source(source.name)
    folders = sorted(
        (PurePosixPath(path).parent for path in files if path.endswith(f"/{_DESCRIPTION}")),
        key=lambda folder: folder.name,
    )
    problems = (_problem(files, folder) for folder in folders)
    return Suite("rtllm", problems, revision=source.revision)


def _problem(files: Files, folder: PurePosixPath) -> Problem:
    name = folder.name
    special = SPECIAL.get(name, Special())
    top = special.top or name
    reference = _reference(files, folder, top, special.ports)
    from itertl_eval.verilog import slang  # large

    ports = slang.ports(reference, top)
    if ports is None:
        raise InfrastructureError(f"no readable module {top} in RTLLM's {name}")
    text = files[str(folder / _DESCRIPTION)].decode(errors="replace").rstrip()
    if special.addition:
        text = f"{text.removesuffix(_RESULTS).rstrip()}\n\n{special.addition}\n\n{_RESULTS}"
    testbench = shipped("testbenches") / "rtllm" / f"{name}.py"
    return Problem(
        id=name,
        suite="rtllm",
        top=top,
        ports=ports,
        prompt=Prompt(description=f"{text}\n"),
        reference=reference,
        testbench=testbench if testbench.exists() else None,
        parameters=special.parameters,
        published=PublishedBench(
            "rtllm",
            files[str(folder / "testbench.v")].decode(errors="replace"),
            files={
                path.rpartition("/")[2]: data
                for path, data in files.items()
                if path.startswith(f"{folder}/") and path.endswith((".txt", ".dat"))
            },
        ),
        tags=("rtllm",),
        equivalent=equivalent_mutants("rtllm").get(name, {}),
    )


def _reference(files: Files, folder: PurePosixPath, top: str, ports: Mapping[str, str]) -> str:
    """Return our reference if there is one, or the published one under the names of the text."""
    own = shipped("testbenches") / "rtllm" / "references" / f"{folder.name}.v"
    if own.exists():
        return own.read_text(encoding="utf-8")
    (path,) = (p for p in files if p.startswith(f"{folder}/verified_") and p.endswith(".v"))
    text = files[path].decode(errors="replace")
    from itertl_eval.verilog import root_of  # large

    root = root_of(text)
    if root is None:
        raise InfrastructureError(f"no single root module in RTLLM's {path}")
    for old, new in {root: top, **ports}.items():
        text = re.sub(rf"\b{old}\b", new, text)
    return text
