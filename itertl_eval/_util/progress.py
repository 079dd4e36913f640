"""Progress: a bar on a terminal, a plain line now and then elsewhere, silence on other ranks."""

from __future__ import annotations

import os
import sys
import time
from functools import cache
from types import TracebackType

from tqdm import tqdm

from itertl_eval._util.printable import printable

EVERY_SECONDS = 10.0


def is_main() -> bool:
    """Return whether this is the first rank of a distributed run, or the only one."""
    return os.environ.get("RANK", "0") == "0"


def say(text: str) -> None:
    """Print one line to standard error, on the first rank."""
    if is_main():
        tqdm.write(printable(text), file=sys.stderr)


@cache
def say_once(text: str) -> None:
    """Print a line as `say` does, unless this process has printed it before."""
    say(text)


class Progress:
    """Counts towards a total (None if it is not known); use it as a context manager."""

    def __init__(self, label: str, total: int | None, unit: str, done: int = 0) -> None:
        self.label, self.total, self.unit, self.done = label, total, unit, done
        self.first = done
        self.started = self.said = time.monotonic()
        terminal = sys.stderr.isatty()
        self.bar = (
            tqdm(total=total, initial=done, desc=label, unit=unit, leave=False, dynamic_ncols=True)
            if terminal and is_main()
            else None
        )

    def update(self, count: int = 1, note: str = "", total: int | None = None) -> None:
        self.done += count
        if total is not None:
            self.total = total
        if self.bar is not None:
            self.bar.total = self.total
            self.bar.update(count)
            if note:
                self.bar.set_postfix_str(note, refresh=False)
        elif time.monotonic() - self.said >= EVERY_SECONDS:
            self.said = time.monotonic()
            of_all = "" if self.total is None else f" of {self.total}"
            left = self._estimate()
            say(f"  {self.label}: {self.done}{of_all} {self.unit}s{left}  {note}".rstrip())

    def _estimate(self) -> str:
        """How long the rest will take, if the total is known."""
        count = self.done - self.first
        if self.total is None or not count:
            return ""
        return f", about {self.seconds / count * (self.total - self.done):.0f} s left"

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.close()
        if kind is None:
            count = self.done - self.first
            now = f", {count} of them" if self.first else ""
            all_of_it = f"{self.done} {self.unit}{'s'[: self.done != 1]}"
            say(f"  {self.label}: {all_of_it}{now} in {self.seconds:.1f} s")
