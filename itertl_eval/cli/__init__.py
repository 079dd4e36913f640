"""The command `itertl-eval`. Each subcommand is a module with `add` and `run`."""

from itertl_eval.cli._main import main

__all__ = ["main"]
