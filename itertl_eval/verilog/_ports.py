"""Compare the ports that a problem asks for with those that a design declares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from itertl_eval.problem import Port, Problem
from itertl_eval.verilog import slang


def compare(expected: tuple[Port, ...], found: tuple[Port, ...]) -> list[str]:
    """Return what is wrong with an interface: missing, misdirected, resized, surplus ports."""
    have = {port.name: port for port in found}
    counts = Counter(port.name for port in found)
    problems = [f"port {name!r} is there {n} times" for name, n in counts.items() if n > 1]
    for port in expected:
        other = have.pop(port.name, None)
        if other is None:
            near = next((n for n in have if n.lower() == port.name.lower()), None)
            hint = f" (there is {near!r})" if near else ""
            problems.append(f"port '{port}' is missing{hint}")
        elif other != port:
            problems.append(f"port '{port}' is declared as '{other}'")
    problems += [
        f"port '{port}' is not in the specification and would be left open"
        for port in have.values()
        if port.direction != "output"
    ]
    return problems


def expected_ports(problem: Problem, parameters: Mapping[str, int]) -> tuple[Port, ...]:
    """Return the ports that a problem asks for under one setting of its parameters.

    A problem states the widths for the default parameters; for other values the reference
    shows them.
    """
    if not parameters:
        return problem.ports
    setting = tuple(sorted(parameters.items()))
    return _sized(problem.reference, problem.top, problem.ports, setting)


@cache
def _sized(
    reference: str, top: str, ports: tuple[Port, ...], parameters: tuple[tuple[str, int], ...]
) -> tuple[Port, ...]:
    shown = slang.ports(reference, top, dict(parameters)) or ()
    widths = {port.name: port.width for port in shown}
    return tuple(replace(port, width=widths.get(port.name, port.width)) for port in ports)
