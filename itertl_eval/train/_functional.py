"""Give instructions that have only a reference a testbench made from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from itertl_eval._util.printable import counted
from itertl_eval.errors import InfrastructureError
from itertl_eval.train.data import Instruction, digest_all, is_ports_only
from itertl_eval.train.run import RunFolder, ranks
from itertl_eval.train.testbenches import MADE, made_in, make_testbenches

PHASE = "testbenches"
TRIAL = 16
"""How many testbenches a dry run makes."""


def with_testbenches(
    train: Sequence[Instruction],
    run: RunFolder,
    seed: int,
    jobs: int | None,
    prove: bool = False,
) -> tuple[list[Instruction], dict[str, int]]:
    """Return the instructions, with a testbench where one can be made, and counts by outcome.

    The testbenches are kept in the run's folder; a run that was killed continues with them. The
    first rank makes them, the others wait.

    Args:
        train: The instructions.
        run: The run's folder.
        seed: The run's seed.
        jobs: How many to make at a time; by default one per core.
        prove: See `make_testbench`.

    Raises:
        InfrastructureError: This machine failed to make some of them.
    """
    pairs = [i for i in train if is_ports_only(i.problem) and i.problem.reference]
    if not pairs:
        return list(train), {}
    proofs = {"prove": True} if prove else {}
    phase = run.phase(PHASE, instructions=digest_all(pairs), seed=seed, **proofs)
    if ranks.is_main() and not phase.done:
        made = make_testbenches(pairs, phase.folder, seed=seed, jobs=jobs, prove=prove)
        lost = [entry for entry in made if entry.outcome == "infra_error"]
        if lost:
            raise InfrastructureError(
                f"{len(lost)} of {len(made)} testbenches could not be made ({lost[0].detail}); "
                "the same command continues with the rest"
            )
        phase.finish(**Counter(entry.outcome for entry in made))
    ranks.wait_until(lambda: phase.done)
    found = {entry.id for entry in made_in(phase.folder) if entry.outcome == MADE}
    wanted = {i.problem.id for i in pairs}
    done = [
        _with_testbench(i, phase.folder) if i.problem.id in found & wanted else i for i in train
    ]
    return done, dict(phase.result)


def _with_testbench(instruction: Instruction, folder: Path) -> Instruction:
    name = instruction.problem.id
    testbench = (folder / name / f"test_{name}.py").resolve()
    return replace(instruction, problem=replace(instruction.problem, testbench=testbench))


def estimate(
    train: Sequence[Instruction], run_dir: Path, seed: int, trial: Path, prove: bool = False
) -> list[str]:
    """Return lines on the testbenches of a run: of its folder, or of a trial with a few pairs.

    Args:
        train: The instructions of the recipe.
        run_dir: The run's folder, which may not exist.
        seed: The run's seed.
        trial: An empty folder.
        prove: See `make_testbench`.
    """
    pairs = [i for i in train if is_ports_only(i.problem) and i.problem.reference]
    if not pairs:
        return []
    if made := made_in(run_dir / PHASE):
        what = f"{counted(len(made), 'pair')} so far"
    else:
        made = make_testbenches(pairs[:TRIAL], trial, seed=seed, prove=prove)
        what = f"a trial with {counted(len(made), 'pair')}"
    counts = Counter(entry.outcome for entry in made)
    seconds = sum(entry.seconds for entry in made) / len(made)
    shown = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
    return [
        f"testbenches from references, {what}: {shown}; {seconds:.1f} s each, {len(pairs)} in all"
    ]


__all__ = ["PHASE", "estimate", "with_testbenches"]
