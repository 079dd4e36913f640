"""Run the loop in one process and on two ranks, all forked after one import of the libraries.

    python tests/train/_ranks.py DIR PORT --any_field value

The runs are in DIR/one and DIR/two. The ranks get the environment that torchrun would give them.
The one process computes the prompt for each candidate. DIR/packed-RANK.json says of each forward
pass of a rank whether it computed the prompt once.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from itertl_eval.train.__main__ import main
from itertl_eval.train.fitting import _group_trainer as trainer

WORLD = 2


def child(flags: list[str], environment: dict[str, str], packed: Path | None = None) -> int:
    """Return the process id of a child that runs the loop."""
    pid = os.fork()
    if not pid:
        os.environ.update(environment)
        saves, passes = trainer.saves, []

        def noted(*shape):
            passes.append(packed is not None and saves(*shape))
            return passes[-1]

        trainer.saves = noted
        status = main(flags)
        if packed:
            packed.write_text(json.dumps(passes))
        os._exit(status)
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
        packed = Path(folder) / f"packed-{rank}.json"
        children.append(child([*flags, "--run_dir", f"{folder}/two"], environment, packed))
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
