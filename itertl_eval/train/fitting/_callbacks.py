"""What watches a fit: its progress on the terminal, and its end if it diverges."""

from __future__ import annotations

import math
from typing import Any

from transformers import TrainerCallback

from itertl_eval._util.progress import Progress
from itertl_eval._util.stopwatch import Stopwatch
from itertl_eval.errors import ItertlError


class Diverged(ItertlError):
    """A fit has made numbers that are none."""


class StopAtNaN(TrainerCallback):
    """End a fit whose loss is not a number any more: its model would sample nothing."""

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Raise Diverged; the loss is the mean over all ranks, so all of them end."""
        del args, control
        if logs and not math.isfinite(float(logs.get("loss", 0))):
            raise Diverged(f"the loss of update {state.global_step} is {logs['loss']}")


class ProgressCallback(TrainerCallback):
    """Show the updates of a fit and time them."""

    def __init__(self, label: str, time: Stopwatch) -> None:
        self.label = label
        self.time = time
        self.progress: Progress | None = None
        self.note = ""

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        del args, control
        self.progress = Progress(self.label, state.max_steps, "update", state.global_step)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        del args, state, control
        if logs and "loss" in logs:
            self.note = f"loss {float(logs['loss']):.3f}"

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        del args, state, control
        self.time.start()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        del args
        self.time.stop()
        if state.global_step == state.max_steps:
            # The last updates are logged too, if there are fewer than logging_steps.
            control.should_log = True
        if self.progress is not None:
            self.progress.update(1, self.note)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        del args, state, control
        if self.progress is not None:
            self.progress.__exit__(None, None, None)
