"""One run of an experiment tracker for the whole loop: fits, pass@k, stages, completions.

The step is the number of optimizer updates since the start of the run. What a resumed run has
logged before is not logged again: `tracked.jsonl` in the run's folder names it.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from transformers import TrainerCallback

from itertl_eval.errors import UsageError
from itertl_eval.train.run import Rows, ranks
from itertl_eval.train.sampling import Sample
from itertl_eval.train.scoring import Scores

PACKAGES = {
    "tensorboard": ("tensorboard", "tensorboardX"),
    "wandb": ("wandb",),
    "trackio": ("trackio",),
}
PROJECT = "itertl-eval"
TABLE_ROWS = 32
LONGEST = 4000
"""Characters of a completion that are shown."""


class _Backend(Protocol):
    def log(self, values: Mapping[str, float], step: int) -> None: ...

    def table(self, name: str, rows: Sequence[Mapping[str, Any]], step: int) -> None: ...

    def close(self) -> None: ...


class Tracking:
    """Logs a run to the trackers that a recipe names, on the first rank.

    Args:
        names: The field `report_to`.
        folder: The run's folder.
        config: The recipe, shown beside the run.
    """

    def __init__(self, names: Sequence[str], folder: Path, config: Mapping[str, Any]) -> None:
        self._names = installed(names) if ranks.is_main() else []
        self._folder, self._config = folder, config
        self._backends: list[_Backend] = []
        self._done = Rows(folder / "tracked.jsonl")
        self._known = {row["name"] for row in self._done} if self._names else set()
        self._updates = 0

    def add_updates(self, count: int) -> None:
        """Count the updates of a fit that has ended."""
        self._updates += count

    def callback(self, stage: str) -> TrainerCallback:
        """Return a callback that logs what the trainer of a fit logs, under `stage`/..."""
        return _FitCallback(self, stage)

    def log(self, values: Mapping[str, Any], update: int = 0) -> None:
        """Log the numbers among `values`, `update` updates into the current fit."""
        numbers = dict(_numbers(values))
        for backend in self._open():
            backend.log(numbers, self._updates + update)

    def record(self, record: Mapping[str, Any]) -> None:
        """Log a row of metrics.jsonl, once per stage."""
        if self._first(f"record {record['stage']}"):
            self.log(record)

    def completions(self, stage: str, samples: Sequence[Sample], scores: Scores) -> None:
        """Log a table of at most TABLE_ROWS graded samples, evenly spaced, once per stage."""
        if not samples or not self._first(f"completions {stage}"):
            return
        stride = -(-len(samples) // TABLE_ROWS)
        rows = [_table_row(sample, scores) for sample in samples[::stride]]
        for backend in self._open():
            backend.table(f"completions/{stage}", rows, self._updates)

    def close(self) -> None:
        """Finish the run in all trackers."""
        for backend in self._backends:
            backend.close()
        self._backends = []
        self._done.close()

    def _first(self, name: str) -> bool:
        if not self._names or name in self._known:
            return False
        self._known.add(name)
        self._done.append([{"name": name}])
        return True

    def _open(self) -> list[_Backend]:
        if self._names and not self._backends:
            self._backends = [
                _TensorBoard(self._folder)
                if name == "tensorboard"
                else _Dashboard(name, self._folder, self._config)
                for name in self._names
            ]
        return self._backends


def installed(names: Sequence[str]) -> list[str]:
    """Return the trackers that `report_to` names; "all" means those that are installed.

    Raises:
        UsageError: An unknown name, or a package that is missing.
    """
    found = []
    for name in names:
        if name == "none":
            continue
        if name == "all":
            found += [tracker for tracker in PACKAGES if _has(tracker)]
        elif name not in PACKAGES:
            known = ", ".join(PACKAGES)
            raise UsageError(f"report_to: {name!r} is not one of none, all, {known}")
        elif not _has(name):
            package = PACKAGES[name][0]
            raise UsageError(f"report_to: {name} is not installed (pip install {package})")
        else:
            found.append(name)
    return list(dict.fromkeys(found))


def _has(name: str) -> bool:
    return any(importlib.util.find_spec(package) for package in PACKAGES[name])


def _numbers(values: Mapping[str, Any], prefix: str = "") -> Any:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{prefix}{key}/")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield f"{prefix}{key}", value


def _table_row(sample: Sample, scores: Scores) -> dict[str, Any]:
    scored = scores[sample.key]
    return {
        "problem": sample.problem_id,
        "sample": sample.number,
        "stage": scored.stage,
        "score": scored.score,
        "message": scored.message,
        "completion": sample.text[:LONGEST],
    }


class _FitCallback(TrainerCallback):
    def __init__(self, tracking: Tracking, stage: str) -> None:
        self._tracking, self._stage = tracking, stage

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        del args, control
        if logs and "loss" in logs:
            self._tracking.log({self._stage: logs}, state.global_step)


class _TensorBoard:
    """Event files in RUN/tensorboard."""

    def __init__(self, folder: Path) -> None:
        package = "torch.utils.tensorboard"
        if importlib.util.find_spec("tensorboard") is None:
            package = "tensorboardX"
        module = importlib.import_module(package)
        self._writer = module.SummaryWriter(str(folder / "tensorboard"))

    def log(self, values: Mapping[str, float], step: int) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, global_step=step)
        self._writer.flush()

    def table(self, name: str, rows: Sequence[Mapping[str, Any]], step: int) -> None:
        # Shown as Markdown, in which an indented block cannot be ended by its text.
        parts = []
        for row in rows:
            facts = ", ".join(f"{key}: {row[key]}" for key in row if key != "completion")
            code = "\n".join(f"    {line}" for line in [facts, "", *row["completion"].splitlines()])
            parts.append(code)
        self._writer.add_text(name, "\n\n---\n\n".join(parts), global_step=step)
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


class _Dashboard:
    """A run of wandb or trackio, which has the same interface; a resumed run goes on in it."""

    def __init__(self, package: str, folder: Path, config: Mapping[str, Any]) -> None:
        self._module = importlib.import_module(package)
        place = str(folder.resolve())
        name = f"{folder.name}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"
        own: dict[str, Any] = {"id": name} if package == "wandb" else {"embed": False}
        project = os.environ.get(f"{package.upper()}_PROJECT", PROJECT)
        self._run = self._module.init(
            project=project, name=name, config=dict(config), resume="allow", **own
        )

    def log(self, values: Mapping[str, float], step: int) -> None:
        self._run.log(dict(values), step=step)

    def table(self, name: str, rows: Sequence[Mapping[str, Any]], step: int) -> None:
        frame = importlib.import_module("pandas").DataFrame(list(rows))
        table = self._module.Table(dataframe=frame)
        self._run.log({name: table}, step=step)

    def close(self) -> None:
        self._run.finish()
