"""Compare the ports that a problem asks for with those that a design declares."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

from itertl_eval.problem import Given, Parameters, ParameterValue, Port, Problem


def compare(expected: tuple[Port, ...], found: tuple[Port, ...]) -> list[str]:
    """Return what is wrong with an interface: missing, misdirected, resized, surplus ports."""
    if found == expected:  # as nearly always
        return []
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


def expected_ports(problem: Problem, parameters: Parameters) -> tuple[Port, ...]:
    """Return the ports of the module that is simulated, under one setting of its parameters.

    A problem states the widths for the default parameters; for other values the reference
    shows them.
    """
    given = problem.given
    ports = given.ports if given.top else problem.ports
    if not parameters:
        return ports
    setting = tuple(sorted(parameters.items()))
    return _sized(problem.reference, problem.simulated, ports, setting, given)


@cache
def _sized(
    reference: str,
    top: str,
    ports: tuple[Port, ...],
    parameters: tuple[tuple[str, ParameterValue], ...],
    given: Given,
) -> tuple[Port, ...]:
    from itertl_eval.verilog import slang  # large, and few problems have parameters

    shown = slang.ports(reference, top, dict(parameters), given) or ()
    found = {port.name: port for port in shown}
    return tuple(
        replace(port, width=found[port.name].width, array=found[port.name].array)
        if port.name in found
        else port
        for port in ports
    )
