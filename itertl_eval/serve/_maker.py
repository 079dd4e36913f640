"""The process that makes testbenches from references: one JSON request per line, one answer each.

References come from clients, and slang reads them in this process. It therefore has a memory limit,
and the service ends it when it takes too long.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from typing import Any

from itertl_eval.errors import InfrastructureError
from itertl_eval.from_reference import Refused, make_testbench
from itertl_eval.grader import extract
from itertl_eval.problem import Problem, Prompt
from itertl_eval.verilog import root_of, slang

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
MEMORY = 4 << 30
"""Bytes of address space."""
MUTANTS = 20
"""How many mutants of a reference to try its testbench on."""


def main() -> None:
    """Answer requests from standard input until the service hangs up."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # with the service, busy or not
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is not an answer
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
    for line in sys.stdin:
        answers.write(f"{json.dumps(answer(json.loads(line)))}\n")
        answers.flush()


def answer(pair: dict[str, str]) -> dict[str, Any]:
    """Return what becomes of a pair.

    Args:
        pair: `instruction`, `reference`, `top` and `header`; see `Pair`.

    Returns:
        The testbench's `text` with `top`, `ports` and `reference`; or `refused`, why the reference
        gives no testbench; or `broken`, why this machine could not tell.
    """
    try:
        return _made(pair)
    except Refused as refused:
        return {"refused": str(refused)}
    except MemoryError:
        return {"refused": f"too large: reading it takes more than {MEMORY >> 30} GiB"}
    except InfrastructureError as error:
        return {"broken": str(error)}
    except Exception as error:
        return {"broken": f"{type(error).__name__}: {str(error)[:500]}"}


def _made(pair: dict[str, str]) -> dict[str, Any]:
    top = pair["top"] or root_of(pair["reference"])
    if top is None:
        raise Refused("no root module", "the reference needs one; or name it by `top`")
    found = extract(pair["reference"], top)
    if found.code is None:
        raise Refused("does not compile", found.problem)
    reference = f"{found.code.strip()}\n"
    ports = slang.ports(reference, top)
    if not ports:
        raise Refused("no ports", f"module {top} has none, or they cannot be read")
    prompt = Prompt(pair["instruction"], pair["header"])
    made = make_testbench(Problem("pair", "pairs", top, ports, prompt, reference), limit=MUTANTS)
    return {
        "text": made.text,
        "top": top,
        "ports": [[port.name, port.direction, port.width] for port in ports],
        "reference": reference,
    }


if __name__ == "__main__":
    main()
