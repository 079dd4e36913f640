"""Recognise testbenches that were written for cocotb 1.x by the errors they end in."""

from __future__ import annotations

import re

_SIGNS = re.compile(
    r"""module\ 'cocotb'\ has\ no\ attribute\ '(?:fork|coroutine|function|hook|external|decorators)'
    | No\ module\ named\ 'cocotb\.(?:binary|decorators|generators|scheduler|log|bus|drivers|monitors
        |scoreboard)\b
    | cannot\ import\ name\ '\w+'\ from\ 'cocotb\b
    | not\ supported\ between\ instances\ of\ '\w*(?:Object|Handle)'
    | '\w*(?:Object|Handle|Logic|Array|Range)'\ object\ has\ no\ attribute\ '(?:integer|binstr
        |signed_integer|buff|n_bits|get_value\w*|kill|setimmediatevalue)'
    | unsupported\ operand\ type\(s\)\ for\ \S+\ '(?:Logic|LogicArray)'
    | unexpected\ keyword\ argument\ 'units'
    | BinaryValue | \bTestFailure\b | \bReturnValue\b""",
    re.VERBOSE,
)


def written_for_cocotb1(error: str) -> bool:
    """Return whether this error message is typical of a testbench for cocotb 1.x."""
    return _SIGNS.search(error) is not None
