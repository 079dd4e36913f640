"""Turn the counterexample of a proof into a block of stimulus."""

from __future__ import annotations

from itertl_eval.formal import Counterexample
from itertl_eval.from_reference._recording import Refused
from itertl_eval.from_reference._stimulus import Block, Item
from itertl_eval.from_reference._table import clock_of
from itertl_eval.from_reference.circuit import Circuit


def block_of(circuit: Circuit, counterexample: Counterexample) -> Block:
    """Return a block with the same clock edges, and the same inputs at each of them.

    A table gives the clock a whole cycle at a time, so inputs may change while it has another
    level than in the counterexample.

    Raises:
        Refused: The text leaves open what the design does there.
    """
    clock = clock_of(circuit)
    edge = circuit.clocks[clock] if clock is not None else ""
    items: list[Item] = []
    level = None
    for step in counterexample.steps:
        inputs = {name: value for name, value in step.items() if name != clock}
        rivals = [reset for reset in circuit.resets if reset.name in circuit.rivals]
        if sum(inputs[reset.name] == reset.active for reset in rivals) > 1:
            raise Refused("several resets at once")
        if clock is None or level in (None, step[clock]):
            items.append(Item(inputs, "hold"))
        elif edge == "both" or step[clock] == int(edge == "rising"):
            items.append(Item(inputs, "cycle"))
        level = step[clock] if clock is not None else None
    return Block("counterexample", items)


__all__ = ["block_of"]
