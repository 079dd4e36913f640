"""The option that chooses how much of a waveform is drawn."""

from __future__ import annotations

import argparse

from itertl_eval.waves._vcd import nanoseconds


def add_waves_window(parser: argparse.ArgumentParser) -> None:
    """Add the option to a command that has `--waves`."""
    parser.add_argument(
        "--waves-window",
        type=_duration,
        metavar="TIME",
        help="with --waves: how much simulated time to draw before the mismatch, such as 40us, to "
        "show a whole transaction (default: the last 16 changes)",
    )


def _duration(text: str) -> float:
    """Parse a simulated time; return nanoseconds."""
    try:
        return nanoseconds(text.replace(" ", ""))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} must be a time such as 200ns or 40us") from None
