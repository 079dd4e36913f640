"""Comparing arms: paired by problem, averaged over seeds, nothing invented where nothing is."""

from __future__ import annotations

import json
import math
from xml.etree import ElementTree

import pytest

from itertl_eval.train.arms._comparison import (
    ArmRun,
    compare,
    picture,
    read_arm,
    stage_table,
    stages,
    table,
    unequal,
)


def run(arm: str, seed: int, outcomes: dict[str, float], *records: dict) -> ArmRun:
    return ArmRun(arm, seed, list(records) or [{"stage": "base", "pass@1": 0.5}], outcomes)


def test_the_comparison_is_paired_by_problem() -> None:
    runs = [
        run("once", 0, {"a": 0.0, "b": 0.5}),
        run("once", 1, {"a": 0.2, "b": 0.5}),
        run("iterative", 0, {"a": 0.2, "b": 0.7}),
        run("iterative", 1, {"a": 0.4, "b": 0.7}),
    ]
    rows = {row["arm"]: row for row in compare(runs, "once")}
    gain = rows["iterative"]
    assert gain["gain"] == pytest.approx(0.2)
    assert gain["gain_low"] == pytest.approx(0.2)
    assert gain["gain_high"] == pytest.approx(0.2)
    assert gain["relative"] == pytest.approx(0.2 / 0.3)
    assert gain["gain_by_seed"] == pytest.approx({0: 0.2, 1: 0.2})
    assert "gain" not in rows["once"]
    text = table(list(rows.values()), "once")
    assert "+66.7 %" in text
    assert "nan" not in text  # none of these runs has a pass@10


def test_pass_at_10_has_an_interval_over_problems() -> None:
    records, rates = [{"stage": "iteration-01"}], {"a": 0.05, "b": 1.0, "c": 0.0}
    (row,) = compare([ArmRun("once", 0, records, rates, dict.fromkeys(rates, 20))], "once")
    # One right answer of twenty is among ten drawn without replacement in half of all draws.
    assert row["pass@10"] == pytest.approx(0.5)
    assert row["pass@10_low"] == pytest.approx(0.0)
    assert row["pass@10_high"] == pytest.approx(1.0)
    assert "0.500    0.000 .. 1.000" in table([row], "once")


def heldout(folder, outcomes: dict, **record) -> dict:
    (folder / "base").mkdir(exist_ok=True)
    (folder / "base" / "heldout.json").write_text(json.dumps(outcomes))
    (folder / "metrics.jsonl").write_text(json.dumps({"stage": "base", **record}) + "\n")
    return compare([read_arm(folder, "once", 0)], "once")[0]


def test_pass_at_10_leaves_out_problems_with_fewer_graded_samples(tmp_path) -> None:
    counts = {"a": {"passed": 1, "graded": 1}, "b": {"passed": 0, "graded": 10}}
    row = heldout(tmp_path, counts, infra_errors=9, **{"pass@1": 0.5, "pass@10": 0.0})
    assert (row["pass@1"], row["pass@10"]) == (0.5, 0.0)


def test_pass_rates_without_counts_give_pass_at_10_if_all_samples_were_graded(tmp_path) -> None:
    rates, measured = {"a": 0.1, "b": 0.0}, {"pass@1": 0.05, "pass@10": 0.5}
    assert heldout(tmp_path, rates, infra_errors=0, **measured)["pass@10"] == 0.5
    row = heldout(tmp_path, rates, infra_errors=9, **measured)
    assert row["pass@1"] == 0.05
    assert math.isnan(row["pass@10"])


def test_arms_at_unequal_cost_are_named() -> None:
    def cost(arm: str, seed: int, samples: int, updates: int) -> ArmRun:
        return run(arm, seed, {}, {"train_samples": samples, "fit_updates": updates})

    same = [cost("start", 0, 0, 5), cost("supervised", 0, 0, 9), cost("once", 0, 12, 9)]
    assert unequal([*same, cost("iterative", 0, 12, 9), cost("once", 1, 8, 9)]) == []
    first, second = unequal([*same, cost("iterative", 0, 10, 6)])
    assert "seed 0 differ in samples (once 12, iterative 10)" in first
    assert "seed 0 differ in updates (supervised 9, once 9, iterative 6)" in second


def test_a_seed_that_one_arm_lacks_is_not_compared() -> None:
    runs = [
        run("once", 0, {"a": 0.5}),
        run("iterative", 0, {"a": 0.5}),
        run("iterative", 1, {"a": 1.0}),
    ]
    row = compare(runs, "once")[1]
    assert row["seeds"] == 2
    assert row["gain"] == 0


def test_rounds_are_averaged_over_seeds_and_drawn_where_they_belong() -> None:
    base = {"stage": "base", "pass@1": 0.1}
    runs = [
        run(
            "iterative",
            seed,
            {},
            base,
            {"stage": "iteration-01", "pass@1": 0.2 + seed / 10, "train_samples": 6},
            {"stage": "iteration-02", "pass@1": 0.4, "train_samples": 6, "fit_updates": 3},
        )
        for seed in (0, 1)
    ]
    once = {"stage": "iteration-01", "pass@1": 0.3, "train_samples": 12}
    runs.append(run("once", 0, {}, base, once))
    assert [r.samples for r in runs] == [12, 12, 12]
    assert [r.updates for r in runs] == [3, 3, 0]
    rows = stages(runs)
    assert rows[1]["pass@1"] == pytest.approx(0.25)
    assert math.isnan(rows[1]["pass@10"])
    assert stage_table(rows).splitlines()[2].split() == [
        "iterative",
        "iteration-01",
        "0.250",
        "-",
        "-",
        "-",
        "-",
        "-",
        "-",
    ]
    drawn = ElementTree.fromstring(picture(rows, 2))
    titles = [title.text or "" for title in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert "2: once 0.3" in titles  # one fit: as far as the others are after two
    assert "1: iterative 0.25" in titles
