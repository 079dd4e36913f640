"""Recognise mutants that can't differ from the reference."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from itertl_eval.authoring.mutate import Mutant
from itertl_eval.grader import find_icarus
from itertl_eval.problem import Given, Parameters, literal
from itertl_eval.verilog import slang

_SELF_ASSIGNMENT = re.compile(r"([\w.]+(?:\s*\[[^\]]*\])*)\s*<?=\s*\1")
_ELSE_BLOCK = re.compile(r"(?:else\s+)?(?:begin\b)?(.*?)(?:\bend)?", re.DOTALL)
_COMMENT = re.compile(r"//[^\n]*")
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
_IGNORED = re.compile(r'^# .*|^:file_names.*|^    "[^"]*";$', re.MULTILINE)
_COMPILE_SECONDS = 60


def drops_self_assignment(mutant: Mutant) -> bool:
    """Whether the mutant only drops assignments of signals to themselves."""
    lines = [line for line in mutant.diff.splitlines()[2:] if line[0] in "+-"]
    old, new = ("\n".join(x[1:] for x in lines if x[0] == sign) for sign in "-+")
    shorter = min(len(old), len(new))
    first = next((k for k in range(shorter) if old[k] != new[k]), shorter)
    last = next((k for k in range(shorter - first) if old[-1 - k] != new[-1 - k]), shorter - first)
    removed, added = old[first : len(old) - last], new[first : len(new) - last]
    return added.strip() in ("", ";") and _assigns_to_itself(removed)


def _assigns_to_itself(text: str) -> bool:
    block = _ELSE_BLOCK.fullmatch(_COMMENT.sub("", text).strip())
    parts = [part.strip() for part in block[1].split(";") if part.strip()] if block else []
    return bool(parts) and all(_SELF_ASSIGNMENT.fullmatch(part) for part in parts)


class CompiledForm:
    """Compares designs by what the simulator's compiler makes of them."""

    def __init__(
        self, source: str, top: str, parameters: Parameters, given: Given = slang.NOTHING_GIVEN
    ) -> None:
        self._top = given.top or top
        self._parameters = parameters
        self._given = given
        self._reference = self._compile(source)

    def equals(self, source: str) -> bool:
        """Whether a design compiles to the same code as the reference."""
        return self._reference is not None and self._compile(source) == self._reference

    def _compile(self, source: str) -> str | None:
        """The compiled design without addresses; None if it does not compile."""
        with tempfile.TemporaryDirectory(prefix="itertl-compile-") as name:
            folder = Path(name)
            given = self._given
            texts = {**given.includes, **given.modules, "design.sv": source}
            for file, text in texts.items():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).write_text(text, encoding="utf-8")
            options = [f"-P{self._top}.{key}={literal(v)}" for key, v in self._parameters.items()]
            options += [f"-D{name}={value}" for name, value in given.defines.items()]
            command = [find_icarus().iverilog, "-g2012", "-s", self._top, *options]
            done = subprocess.run(
                [*command, "-o", "design.vvp", *given.modules, "design.sv"],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_COMPILE_SECONDS,
                check=False,
            )
            if done.returncode != 0:
                return None
            text = (folder / "design.vvp").read_text(encoding="utf-8", errors="replace")
        return _without_addresses(text)


def _without_addresses(text: str) -> str:
    """The text with each address replaced by the order in which it first appears."""
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], f"@{len(numbers)}")

    return _ADDRESS.sub(number, _IGNORED.sub("", text))
