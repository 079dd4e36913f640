"""Where recorded waveforms lie, and how they are read back."""

from __future__ import annotations

import json
import re
from pathlib import Path

from itertl_eval.verdict import Verdict
from itertl_eval.waves._vcd import Wave


def waves_folder(output: Path) -> Path:
    """Where the waveforms that belong to an output file lie: `NAME.waves` beside it."""
    return output.with_name(f"{output.stem}.waves")


def load_wave(folder: Path, verdict: Verdict) -> Wave | None:
    """The wave that `record_failures` left for a verdict; ValueError when it is damaged."""
    path = wave_path(folder, verdict)
    return Wave.from_dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def wave_path(folder: Path, verdict: Verdict) -> Path:
    """Where the drawn part of a verdict's waveform lies; the waveform file is beside it."""
    return folder / f"{re.sub(r'[^A-Za-z0-9._-]', '_', verdict.task_id)}_{verdict.sample}.json"
