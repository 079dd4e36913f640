"""Run the loop in one process and on two ranks, all forked after one import of the libraries.

    python tests/train/_ranks.py DIR PORT --any_field value

The runs are in DIR/one and DIR/two. The ranks get the environment that torchrun would give them.
"""

from __future__ import annotations

import os
import signal
import sys

from itertl_eval.train.__main__ import main
from itertl_eval.train.fitting import _group_trainer as trainer  # noqa: F401 (before the forks)

WORLD = 2


def child(flags: list[str], environment: dict[str, str]) -> int:
    """Return the process id of a child that runs the loop."""
    pid = os.fork()
    if not pid:
        os.environ.update(environment)
        os._exit(main(flags))
    return pid


def run(folder: str, port: str, *flags: str) -> int:
    children = [child([*flags, "--run_dir", f"{folder}/one"], {})]
    for rank in range(WORLD):
        environment = {
            "RANK": str(rank),
            "LOCAL_RANK": str(rank),
            "WORLD_SIZE": str(WORLD),
            "LOCAL_WORLD_SIZE": str(WORLD),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": port,
        }
        children.append(child([*flags, "--run_dir", f"{folder}/two"], environment))
    while children:
        pid, status = os.wait()
        children.remove(pid)
        if status:  # the other rank would wait for this one
            for other in children:
                os.kill(other, signal.SIGKILL)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
