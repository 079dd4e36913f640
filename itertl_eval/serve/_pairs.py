"""Problems that a client sends along: an instruction and a reference."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from itertl_eval._util.output_files import write_whole
from itertl_eval._util.paths import made_testbenches
from itertl_eval.grader import grader_digest
from itertl_eval.problem import Port, Problem, Prompt
from itertl_eval.serve._makers import Makers

REMEMBERED = 1000
"""How many pairs that took too long are remembered, so that they fail at once next time."""


@dataclass(frozen=True)
class Pair:
    """An instruction and a reference.

    Attributes:
        instruction: What a model was asked.
        reference: A right design.
        top: The module that completions must write; empty for the reference's root module.
        header: The module header that completions continue, if they do.
    """

    instruction: str
    reference: str
    top: str = ""
    header: str = ""

    @property
    def key(self) -> str:
        """Hash of the pair and of everything else that its testbench depends on."""
        facts = json.dumps([asdict(self), _version()])
        return hashlib.sha256(facts.encode(errors="replace")).hexdigest()


@dataclass(frozen=True)
class NoTestbench:
    """Why a pair cannot be graded; `refused` is True if that is the reference's fault."""

    message: str
    refused: bool


class Testbenches:
    """The testbenches of pairs: made once, kept in the cache folder.

    Args:
        makers: Testbenches at a time.
    """

    def __init__(self, makers: int) -> None:
        self._makers = Makers(makers)
        self._folder = made_testbenches("pairs")
        self._making: dict[str, asyncio.Task[dict[str, Any]]] = {}
        self._slow: dict[str, dict[str, Any]] = {}

    async def problem(self, pair: Pair) -> Problem | NoTestbench:
        """Return a pair as a problem with a testbench."""
        key = pair.key
        made = self._kept(key) or self._slow.get(key)
        if made is None:
            if key not in self._making:
                self._making[key] = asyncio.create_task(self._make(key, pair))
            made = await asyncio.shield(self._making[key])
        if "broken" in made:
            return NoTestbench(f"no testbench was made from the reference: {made['broken']}", False)
        if "refused" in made:
            why = made["refused"]
            return NoTestbench(f"no testbench can be made from the reference: {why}", True)
        return Problem(
            id=f"pair-{key[:16]}",
            suite="pairs",
            top=made["top"],
            ports=tuple(Port(*port) for port in made["ports"]),
            prompt=Prompt(pair.instruction, pair.header),
            reference=made["reference"],
            testbench=self._files(key)[0],
        )

    async def close(self) -> None:
        """End the processes that make testbenches."""
        await self._makers.close()

    async def _make(self, key: str, pair: Pair) -> dict[str, Any]:
        try:
            made = await self._makers.make(asdict(pair))
        finally:
            del self._making[key]
        if made.pop("slow", False):  # perhaps only on this machine, so that no file keeps it
            self._slow[key] = made
            if len(self._slow) > REMEMBERED:
                del self._slow[next(iter(self._slow))]
        elif "broken" not in made:
            text = made.pop("text", "")
            for path, content in zip(self._files(key), (text, json.dumps(made)), strict=True):
                write_whole(path, content)
        return made

    def _kept(self, key: str) -> dict[str, Any] | None:
        testbench, facts = self._files(key)
        try:
            made = dict(json.loads(facts.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return None
        return made if testbench.exists() else None

    def _files(self, key: str) -> tuple[Path, Path]:
        """The testbench, and what else was found out about the pair."""
        folder = self._folder / key[:2]
        return folder / f"test_{key}.py", folder / f"{key}.json"


@cache
def _version() -> str:
    """Hash of the sources that decide what a testbench looks like."""
    digest = hashlib.sha256(grader_digest().encode())
    package = Path(__file__).parents[1]
    files = [package / "serve" / "_maker.py"]
    for room in ("authoring", "from_reference"):
        files += sorted((package / room).rglob("*.py"))
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
