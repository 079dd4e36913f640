"""Groups: what is dropped, split and replayed, and the layout of a batch."""

import pytest
import torch

from itertl_eval.train.fitting._groups import Candidate, Counts, Group, build, collate, verified

pytestmark = pytest.mark.train
REFERENCE = Candidate([9, 1], 1.0, is_reference=True)


def make(fresh, reference=REFERENCE, replayed=(), gap=0.02, max_group=8):
    counts = Counts()
    groups = build(
        "t", [5], reference, fresh, replayed, gap=gap, max_group=max_group, counts=counts
    )
    return groups, counts


def test_the_reference_is_in_every_group_and_last():
    fresh = [Candidate([n, 1], 0.1 * n) for n in range(2, 7)]
    groups, counts = make(fresh, max_group=2)
    assert len(groups) == 3
    assert all(g.candidates[-1] is REFERENCE for g in groups)
    assert sorted(c.ids[0] for g in groups for c in g.candidates[:-1]) == [2, 3, 4, 5, 6]
    assert counts.groups == counts.ranked == 3


def test_equal_completions_count_once_including_the_reference():
    twice = [Candidate([2, 1], 0.0), Candidate([2, 1], 0.0), Candidate([9, 1], 1.0)]
    groups, counts = make(twice)
    assert [c.ids for c in groups[0].candidates] == [[2, 1], [9, 1]]
    assert counts.duplicates == 2


def test_without_a_gap_only_likelihood_is_left():
    groups, counts = make([Candidate([2, 1], 0.2), Candidate([3, 1], 0.2)], reference=None)
    assert groups == []
    assert (counts.no_gap, counts.nothing_to_learn) == (1, 1)
    groups, counts = make([Candidate([2, 1], 1.0)])
    assert [c.z for c in groups[0].candidates] == [1.0, 1.0]
    assert (counts.no_gap, counts.ranked) == (1, 0)


def test_replayed_completions_join():
    groups, _ = make([Candidate([2, 1], 0.0)], reference=None, replayed=[Candidate([3, 1], 1.0)])
    assert [c.ids for c in groups[0].candidates] == [[2, 1], [3, 1]]


def test_verified_keeps_the_reference_and_what_passes():
    bad, good = Candidate([2, 1], 0.9), Candidate([3, 1], 1.0)
    weak = Candidate([9, 1], 0.4, is_reference=True)  # a reference is trusted
    mixed, hopeless = Group("a", [5], [bad, good, weak]), Group("b", [5], [bad])
    assert verified([mixed, hopeless]) == [Group("a", [5], [good, weak])]


def test_a_row_round_trips():
    group = make([Candidate([2, 1], 0.0, logprob=-1.5)])[0][0]
    assert Group.from_row(group.as_row()) == group


def test_collate_lays_out_rows():
    group = Group("t", [5, 6], [Candidate([7], 0.5, logprob=-2.0), Candidate([8, 9, 1], 1.0, True)])
    batch = collate([group, Group("u", [4], [Candidate([3, 1], 0.0)])], pad_id=0)
    assert batch["input_ids"].tolist() == [[5, 6, 7, 0, 0], [5, 6, 8, 9, 1], [4, 3, 1, 0, 0]]
    assert batch["attention_mask"].sum(1).tolist() == [3, 5, 3]
    assert batch["starts"].tolist() == [2, 2, 1]
    assert batch["lengths"].tolist() == [1, 3, 2]
    assert batch["sizes"].tolist() == [2, 1]
    assert batch["is_reference"].tolist() == [False, True, False]
    assert batch["drawn"][0] == -2.0
    assert torch.isnan(batch["drawn"][1:]).all()
    assert "labels" not in batch
