"""Start a task folder from a design that exists: ports, clock and resets are read from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from itertl_eval.authoring import new_task
from itertl_eval.errors import UsageError
from itertl_eval.from_reference._make import RecordedTestbench, make_testbench
from itertl_eval.from_reference._recording import Refused
from itertl_eval.from_reference._task_folder import write_task
from itertl_eval.from_reference.circuit import Circuit, read_circuit
from itertl_eval.problem import Problem, Prompt
from itertl_eval.verilog import root_of, slang

MUTANTS = 60
"""How many mutants of the design to try its testbench on."""


@dataclass(frozen=True)
class NewTask:
    """A task folder, and what its author should know about the testbench."""

    folder: Path
    notes: list[str]


def new_task_from_design(name: str, parent: Path, file: Path, *, prove: bool = False) -> NewTask:
    """Write a task folder `parent/name` around a design and return what was found in it.

    Args:
        name: The task's name.
        parent: Where the folder goes.
        file: A Verilog or SystemVerilog file with one root module.
        prove: See `make_testbench`.

    Raises:
        UsageError: The name is not usable, the folder exists, or the design cannot be read.
        InfrastructureError: This machine cannot simulate.
    """
    problem = _problem(name, file)
    circuit = read_circuit(problem)
    problem = replace(problem, prompt=Prompt(_spec(problem, circuit)))
    folder = new_task(name, parent)
    example = folder / f"test_{name}.py"
    try:
        made = make_testbench(problem, limit=MUTANTS, prove=prove)
    except Refused as refused:
        made = RecordedTestbench("", circuit, 0)
        write_task(folder, problem, made)
        example.unlink()
        return NewTask(folder, [f"no testbench could be made: {refused}; write {example.name}"])
    write_task(folder, problem, made)
    with example.open("a", encoding="utf-8") as text:
        text.write(_PYTEST)
    return NewTask(folder, _notes(made))


_PYTEST = '''

def test_reference():
    """`pytest` here: the reference under cocotb's own runner. WAVES=1 pytest: with waves."""
    from itertl_eval.runner import run_folder

    run_folder(__file__)
'''


def _problem(name: str, file: Path) -> Problem:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
    top = root_of(text)
    if top is None:
        raise UsageError(f"{file} must have one root module, which no other module instantiates")
    ports = slang.ports(text, top)
    if not ports:
        raise UsageError(f"{file}: the ports of module {top} cannot be read, or it has none")
    return Problem(name, name, top, ports, Prompt(""), text)


def _spec(problem: Problem, circuit: Circuit) -> str:
    """A specification to complete: the interface, with what is known of each port."""
    meanings = {name: f"clock, {edge} edge" for name, edge in circuit.clocks.items()}
    for reset in circuit.resets:
        kind = "asynchronous" if reset.asynchronous else "synchronous"
        meanings[reset.name] = f"{kind} reset, active {'high' if reset.active else 'low'}"
    rows = "".join(
        f"| `{port.name}` | {port.direction} | {port.width} | {meanings.get(port.name, '')} |\n"
        for port in problem.ports
    )
    return (
        f"# {problem.id}\n\n"
        f"Write a synthesizable SystemVerilog module `{problem.top}`.\n\n"
        "| Port | Direction | Width | Meaning |\n|---|---|---|---|\n"
        f"{rows}\n"
        "Describe here what the module does: whatever the testbench compares must follow from "
        "this text.\n"
    )


def _notes(made: RecordedTestbench) -> list[str]:
    circuit = made.circuit
    clocks = ", ".join(f"{name} ({edge})" for name, edge in circuit.clocks.items()) or "none"
    resets = ", ".join(reset.name for reset in circuit.resets) or "none"
    notes = [
        f"clocks: {clocks}; resets: {resets}",
        f"testbench: {made.steps} steps; it notices {made.killed} of {made.mutants} mutants"
        + (f" ({made.proved} more change nothing, proved)" if made.proved else ""),
    ]
    notes += [
        f"  not noticed: line {m.line}: {m.description} (a gap, or the same behaviour)"
        for m in made.survivors
    ]
    if made.power_on:
        notes.append("  nothing resets the design: values at power-on are compared")
    return notes


__all__ = ["NewTask", "new_task_from_design"]
