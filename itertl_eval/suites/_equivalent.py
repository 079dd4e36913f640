"""Mutants of published references that no testbench should fail; testbenches/*/equivalent.yaml."""

from __future__ import annotations

from functools import cache

import yaml

from itertl_eval._util.paths import shipped


@cache
def equivalent_mutants(suite: str) -> dict[str, dict[str, str]]:
    """Return for each problem or circuit of a suite its equivalent mutants, name -> reason.

    They behave like the reference, or as another reading of the specification has it. The file
    lists them by reason: problem -> reason -> ["LINE RULE DIGEST", ...], names as in
    `itertl-eval check --json`, which quote nothing of a published reference.
    """
    file = shipped("testbenches") / suite / "equivalent.yaml"
    if not file.exists():
        return {}
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {
        name: {mutant: reason for reason, mutants in reasons.items() for mutant in mutants}
        for name, reasons in rows.items()
    }
