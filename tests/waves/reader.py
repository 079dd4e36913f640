"""Waveform files as pylibfst's own reader sees them."""

from pathlib import Path

import pytest


def signals(file: Path) -> dict[str, list[tuple[int, str]]]:
    """Full name -> (ticks, value) of each change."""
    fst = pytest.importorskip("pylibfst", reason="pylibfst has no wheel for this machine")
    context = fst.lib.fstReaderOpen(str(file).encode())
    assert context != fst.ffi.NULL, f"{file} is no FST file"
    try:
        _, known = fst.get_scopes_signals2(context)
        found: dict[str, list[tuple[int, str]]] = {name: [] for name in known.by_name}
        names: dict[int, list[str]] = {}
        for signal in known.by_name.values():
            names.setdefault(signal.handle, []).append(signal.name)

        def take(_: object, ticks: int, handle: int, value: object) -> None:
            for name in names[handle]:
                found[name].append((ticks, fst.string(value)))

        fst.lib.fstReaderSetFacProcessMaskAll(context)
        fst.fstReaderIterBlocks(context, take)
    finally:
        fst.lib.fstReaderClose(context)
    return found
