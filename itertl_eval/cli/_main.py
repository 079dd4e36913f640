"""Parse arguments, run a subcommand, turn errors into exit codes."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from itertl_eval import __version__
from itertl_eval._util.command import advice_on, ending_orderly, exit_code
from itertl_eval._util.printable import printable
from itertl_eval.errors import ItertlError

EXIT_CODES = """\
exit codes: 0 done; 1 the thing measured fell short; 2 usage or bad input;
            3 infrastructure (no simulator, no data, no testbench)"""

COMMANDS = {
    "doctor": "tools, versions and known limits of this machine",
    "fetch": "download a benchmark at its pinned revision, or import a local copy",
    "tasks": "list the tasks; --path prints the folder for lm-eval's --include_path",
    "grade": "grade completions",
    "new": "scaffold a task: specification, reference, cocotb testbench, lm-eval YAML",
    "check": "check whether a problem's testbench is sound",
    "report": "one self-contained HTML page from results, verdicts or a training run",
    "export": "graded samples as training data for other trainers",
    "serve": "grade over HTTP",
    "solve": "let a model try again after feedback: pass@1 after k turns",
}
"""Each command's summary. Its module is imported only when the command is given."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="itertl-eval",
        description="Benchmark and reward language models that write hardware.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    try:
        given = sys.argv[1:] if arguments is None else arguments
        for name, summary in COMMANDS.items():
            if name in given:
                importlib.import_module(f"itertl_eval.cli._{name}").add(commands)
            else:
                commands.add_parser(name, help=summary)
        options = parser.parse_args(arguments)
        with ending_orderly():
            return _run(options)
    except ItertlError as error:
        print(f"itertl-eval: {printable(str(error))}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        return 0
    except OSError as error:
        if not (advice := advice_on(error)):
            raise
        print(f"itertl-eval: {printable(advice)}", file=sys.stderr)
        return 3
    except KeyboardInterrupt as interrupt:
        print("itertl-eval: interrupted; finished verdicts stay in the cache", file=sys.stderr)
        return exit_code(interrupt)


def _run(options: argparse.Namespace) -> int:
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        from itertl_eval.grader import close_workers

        close_workers()
        raise
