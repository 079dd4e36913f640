"""Measure time."""

from __future__ import annotations

import time


class Stopwatch:
    """Counts the seconds between `start` and `stop`, or spent in its `with` blocks."""

    def __init__(self) -> None:
        self.seconds = self.began = 0.0

    def start(self) -> None:
        self.began = time.monotonic()

    def stop(self) -> None:
        self.seconds += time.monotonic() - self.began

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
