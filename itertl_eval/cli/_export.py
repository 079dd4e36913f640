"""itertl-eval export: graded samples as training data."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from itertl_eval._util.printable import counted
from itertl_eval.errors import UsageError


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "export",
        help="graded samples as training data for other trainers",
        description="Write graded samples as a `datasets` folder (one row per sample with prompt, "
        "completion and verdict), as SFT rows (the completions that pass) and as DPO rows (one "
        "that passes, one that fails), which LLaMA-Factory, axolotl and TRL read. Samples that "
        "could not be graded are in the first alone.",
    )
    parser.add_argument(
        "source", type=Path, metavar="RUN|SAMPLES.jsonl", help="a training run, or a samples file"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--task", help="suite of the samples file")
    parser.add_argument(
        "--verdicts", type=Path, metavar="VERDICTS.jsonl", help="what `grade --output` wrote for it"
    )
    parser.add_argument(
        "--form",
        action="append",
        choices=["datasets", "sft", "dpo"],
        help="may be repeated (default: all three)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from itertl_eval.export import FORMS, read_run, read_verdicts, write
    from itertl_eval.suites import load_suite

    if options.source.is_dir():
        if options.task or options.verdicts:
            raise UsageError("--task and --verdicts are for a samples file, not for a run")
        samples = read_run(options.source)
    elif options.task and options.verdicts:
        samples = read_verdicts(options.source, options.verdicts, load_suite(options.task))
    else:
        raise UsageError("a samples file needs --task TASK and --verdicts VERDICTS.jsonl")
    counts = write(samples, options.output, options.form or FORMS)
    for form, count in counts.items():
        print(f"  {counted(count, f'{form} row')}")
    print(f"written to {options.output}")
    return 0
