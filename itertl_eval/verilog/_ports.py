"""Compare the ports that a problem asks for with those that a design declares."""

from __future__ import annotations

from itertl_eval.problem import Port


def compare(wanted: tuple[Port, ...], found: tuple[Port, ...]) -> list[str]:
    """What is wrong with an interface: missing, misdirected, resized and surplus ports."""
    have = {port.name: port for port in found}
    problems = []
    for port in wanted:
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
