"""itertl-eval fetch: store a published benchmark in the cache."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from itertl_eval._util.printable import counted
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.suites import (
    CHAT_TASKS,
    CHIPBENCH,
    SOURCES,
    SUITE_SOURCES,
    fetch,
    find_source,
    load_suite,
)

_NAMES = tuple({**SUITE_SOURCES, **SOURCES})  # a benchmark and its data may have one name


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "fetch",
        help="download a benchmark at its pinned revision, or import a local copy",
        description="Download a benchmark at its pinned revision and verify its hash, or import "
        "it from a local archive, clone or folder. Data is stored in the cache folder "
        "(ITERTL_EVAL_CACHE); what is there or in ITERTL_EVAL_DATA=FOLDER is not downloaded.",
    )
    parser.add_argument("suite", help=f"{', '.join(_NAMES)}, or all")
    parser.add_argument("--from", dest="origin", type=Path, help="archive, clone or folder")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    wanted = CHAT_TASKS.get(options.suite, options.suite)
    if wanted == "all":
        names: tuple[str, ...] = tuple(SOURCES)
    elif wanted in SOURCES:
        names = (wanted,)
    elif wanted in SUITE_SOURCES:
        names = SUITE_SOURCES[wanted]
    elif wanted == "rtl_core":
        print("rtl_core ships with the package: nothing to fetch")
        return 0
    else:
        raise UsageError(f"no benchmark {wanted!r}; available: {', '.join(_NAMES)}, all")
    missing, unreachable = dict[str, str](), dict[str, str]()
    for name in names:
        try:
            here = None if options.origin else find_source(name)
            files = fetch(SOURCES[name], options.origin) if here is None else here
        except OSError as error:
            unreachable[name] = (
                f"{name} could not be downloaded: {error}\n"
                f"Download {SOURCES[name].url} elsewhere and run: "
                f"itertl-eval fetch {name} --from FILE"
            )
            continue
        except UsageError as error:
            # A suite may need two sources, and --from may hold only one of them.
            if len(names) == 1:
                raise
            missing[name] = str(error)
            continue
        already = "" if here is None else ", on this machine already"
        revision = SOURCES[name].revision[:12]
        print(f"{name}: {counted(len(files), 'file')}, revision {revision}, hash checked{already}")
    if len(missing) == len(names):
        raise UsageError("\n".join(missing.values()))
    for line in missing.values():
        print(f"not imported: {line}")
    if "chipbench" in {*names} - {*missing, *unreachable}:
        _make_testbenches([wanted] if wanted in CHIPBENCH else CHIPBENCH)
    if unreachable:
        raise InfrastructureError("\n".join(unreachable.values()))
    return 0


def _make_testbenches(suites: Iterable[str]) -> None:
    """Make the testbenches of a benchmark that has none, which takes minutes."""
    from itertl_eval._util.paths import made_testbenches
    from itertl_eval._util.progress import Progress
    from itertl_eval.from_reference import make_suite

    for name in suites:
        suite = load_suite(name)
        with Progress(f"testbenches of {name}", len(suite), "problem") as bar:
            others = [made_testbenches(other) for other in CHIPBENCH if other != name]
            folder = made_testbenches(name)
            made = make_suite(suite, folder, others=others, progress=lambda _: bar.update())
        refused = [each for each in made if each.refused]
        mutants, killed = sum(each.mutants for each in made), sum(each.killed for each in made)
        print(
            f"{name}: {len(made) - len(refused)} of {len(made)} testbenches made from the "
            f"references; they fail {killed} of {mutants} mutants"
        )
        by_hand = len(suite) - len(made)
        if by_hand:
            print(f"  {by_hand} more were written by hand")
        for each in refused:
            print(f"  none for {each.task_id}: {each.refused}")
