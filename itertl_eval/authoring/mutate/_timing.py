"""Which exchanges of = and <= change nothing: proven by the rules of simulation, never guessed.

Both give a variable the same value in the same time step, = at once and <= after all processes
that run at that moment. So the exchange makes no difference if nothing that runs at that moment
reads the variable, or anything that follows from it through combinational logic, after the
assignment. This is proven for the designs that `processes_of` understands if no two clocks
change at the same moment. Anything else counts as different.
"""

from __future__ import annotations

from typing import Any

from itertl_eval.authoring.mutate._processes import (
    Access,
    Key,
    Process,
    Unsure,
    key_of,
    processes_of,
)


def exchangeable(top: Any) -> frozenset[int]:
    """Return the offsets of the assignments whose = or <= can be exchanged without a difference.

    Args:
        top: The body of the elaborated module, from slang.
    """
    try:
        processes = list(processes_of(top))
    except Unsure:
        return frozenset()
    ports = [port for port in top if type(port).__name__ == "PortSymbol"]
    inputs = {key_of(port.internalSymbol) for port in ports if port.direction.name == "In"}
    outputs = {key_of(port.internalSymbol) for port in ports if port.direction.name == "Out"}
    follows: dict[Key, set[Key]] = {}
    written = {write.key for process in processes for write in process.writes}
    for process in processes:
        elsewhere = {r.key for other in processes if other is not process for r in other.reads}
        at_once = {w.key for w in process.writes if not w.nonblocking}
        if process.clocks - inputs or (
            process.kind == "clocked" and at_once & (elsewhere | outputs)
        ):
            return frozenset()  # a derived clock, or a race
        if process.kind == "initial" and {r.key for r in process.reads} & written:
            return frozenset()
        if process.kind == "combinational":
            for read in process.reads:
                follows.setdefault(read.key, set()).update(w.key for w in process.writes)
    clocks = {frozenset(process.clocks) for process in processes if process.kind == "clocked"}
    found: dict[int, bool] = {}
    for process in processes:
        for write in process.writes:
            same = _no_difference(write, process, processes, follows, len(clocks) <= 1)
            found[write.offset] = found.get(write.offset, True) and same
    return frozenset(offset for offset, same in found.items() if same)


def _no_difference(
    write: Access,
    process: Process,
    processes: list[Process],
    follows: dict[Key, set[Key]],
    one_clock: bool,
) -> bool:
    """Return whether = for <= in a clocked process, or <= for = in another, is never seen.

    With `one_clock` all logic has settled before any clocked process reads it.
    """
    clocked = process.kind == "clocked"
    if process.kind == "initial" or clocked != write.nonblocking:
        return False
    seen, waiting = {write.key}, [write.key]
    while waiting:
        reached = follows.get(waiting.pop(), set())
        if write.key in reached:
            return False  # a loop
        waiting += reached - seen
        seen |= reached
    for other in processes:
        if other is process:
            continue
        if other.kind != "initial" and any(w.key == write.key for w in other.writes):
            return False
        settled = one_clock and not clocked
        if other.kind == "clocked" and not settled and any(r.key in seen for r in other.reads):
            return False
    for read in process.reads:
        late = read.order >= write.order or read.repeats(write) or not clocked
        if read.key in seen and late and not read.excludes(write):
            return False
    # Combinational logic may run several times until it has settled, and a delayed assignment of
    # an earlier run would override another one of the last run. In a clocked process another
    # assignment in the same run has to override this one, as before.
    return not any(
        another.key == write.key
        and another.offset != write.offset
        and not (clocked and another.excludes(write))
        and not (clocked and another.order > write.order and not another.repeats(write))
        for another in process.writes
    )
