"""Find the folders that travel with the package: testbenches, lm-eval tasks, training recipes."""

from __future__ import annotations

from pathlib import Path


def shipped(name: str) -> Path:
    """`testbenches`, `tasks` or `training`, in an installed wheel or in a source checkout."""
    package = Path(__file__).parent
    inside = package / "_shipped" / name
    return inside if inside.is_dir() else package.parent / name
