"""Run the loop to its end, and again in children that are killed, one point after the other.

    python tests/train/_killed.py DIR POINT[,POINT...] --any_field value

The uninterrupted run is in DIR/whole and the other one in DIR/killed. All children share one
import of the libraries.

A point is a phase's folder and what is about to happen there:
    FOLDER:row:N     in the N-th append to a JSON lines file, half of it written
    FOLDER:step:N    in the N-th training step
    FOLDER:done      before the DONE file
    FOLDER:delete:N  in the N-th deletion of a folder, its weights deleted
    FOLDER:write:N   in the N-th whole file that is written, half of it on disk
    FOLDER:base:N    in the N-th step of the small model that is made, a checkpoint before each
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from itertl_eval.train.__main__ import main
from itertl_eval.train.base_model import _pretrain as base_model
from itertl_eval.train.fitting import _group_trainer as trainer  # noqa: F401 (before the forks)
from itertl_eval.train.fitting._group_trainer import GroupTrainer
from itertl_eval.train.run import _folder as state


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Make this process kill itself at the point."""
    folder, what, *number = point.split(":")
    left = int(number[0]) if number else 1

    def due(path: Path) -> bool:
        nonlocal left
        here = f"/{folder}" in f"{path}/"
        left -= here
        return left <= 0 and here

    if what == "row":
        append = state.Rows.append

        def torn(self, rows):
            if due(self.path):
                rows = list(rows)
                append(self, rows[: len(rows) // 2])
                with self.path.open("ab") as file:
                    file.write(b'{"task": "gates/and_g')
                die()
            append(self, rows)

        state.Rows.append = torn
    elif what == "step":
        step = GroupTrainer.training_step

        def killed(self, *args, **kwargs):
            if due(Path(self.args.output_dir)):
                die()
            return step(self, *args, **kwargs)

        GroupTrainer.training_step = killed
    elif what == "write":
        write = Path.write_text

        def half(self, text, *args, **kwargs):
            if due(self):
                write(self, text[: len(text) // 2], *args, **kwargs)
                die()
            return write(self, text, *args, **kwargs)

        Path.write_text = half
    elif what == "delete":
        delete = shutil.rmtree

        def part(path, *args, **kwargs):
            if due(Path(path)):
                for file in Path(path).rglob("*.safetensors"):
                    file.unlink()
                die()
            delete(path, *args, **kwargs)

        shutil.rmtree = part
    elif what == "base":
        loss = base_model.batch_loss
        base_model.CHECKPOINT_SECONDS = -1.0

        def fatal(*args):
            nonlocal left
            left -= 1
            if not left:
                die()
            return loss(*args)

        base_model.batch_loss = fatal
    else:
        finish = state.Phase.finish

        def unfinished(self, **result):
            if due(self.folder):
                die()
            finish(self, **result)

        state.Phase.finish = unfinished


def child(flags: list[str], point: str = "") -> int:
    """Return the wait status of a child that runs the loop and is killed at the point, if any."""
    pid = os.fork()
    if not pid:
        if point:
            arm(point)
        os._exit(main(flags))
    return os.waitpid(pid, 0)[1]


def run(folder: str, points: str, *flags: str) -> int:
    killed = [*flags, "--run_dir", f"{folder}/killed"]
    if child([*flags, "--run_dir", f"{folder}/whole"]):
        return 1
    for point in points.split(","):
        status = child(killed, point)
        if not os.WIFSIGNALED(status):
            print(f"{point} was never reached (status {status})")
            return 1
    return os.waitstatus_to_exitcode(child(killed))


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
