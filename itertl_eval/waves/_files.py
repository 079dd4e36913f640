"""Paths of recorded waveforms, and how to read them back."""

from __future__ import annotations

import json
import re
from pathlib import Path

from itertl_eval.verdict import Verdict
from itertl_eval.waves._vcd import Wave


def waves_folder(output: Path) -> Path:
    """Return the folder for the waveforms of an output file: `NAME.waves` beside it."""
    return output.with_name(f"{output.stem}.waves")


def load_wave(folder: Path, verdict: Verdict) -> Wave | None:
    """Return the wave that `record_failures` left for a verdict, or None if there is none.

    Raises ValueError if the file is damaged.
    """
    path = wave_path(folder, verdict)
    return Wave.from_dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def wave_path(folder: Path, verdict: Verdict) -> Path:
    """Return the path of the drawn part of a verdict's waveform, beside the waveform file."""
    return folder / f"{re.sub(r'[^A-Za-z0-9._-]', '_', verdict.task_id)}_{verdict.sample}.json"
