"""A fit whose numbers are none is an error, never a model."""

from __future__ import annotations

import pytest
import torch

from itertl_eval.errors import UsageError
from itertl_eval.train.config import make_recipe
from itertl_eval.train.fitting import Candidate, FitPlan, FitSettings, Group, fit
from itertl_eval.train.models import Encoder
from itertl_eval.train.run import Phase

pytestmark = pytest.mark.train
GROUPS = [
    Group(name, [3, 4, 5], [Candidate([6, last, 8, 1], 1.0, True)])
    for name, last in (("a", 7), ("b", 9))
]


def fitted(model, folder, *, updates, rate, **fields):
    recipe = make_recipe(
        model=str(model), tuning="full", batch_size=2, micro_batch_size=2, logging_steps=1, **fields
    )
    return fit(
        GROUPS,
        FitPlan("rft", updates, rate, 0),
        FitSettings.of(recipe),
        start=str(model),
        base=str(model),
        encoder=Encoder.load(str(model)),
        phase=Phase(folder, {}),
        label="iteration-01/fit",
    )


@pytest.mark.parametrize("updates", [1, 4])
def test_a_fit_that_diverges_saves_no_model(tiny_model, tmp_path, updates, monkeypatch):
    """With one update the loss is still fine, and the weights are not."""
    step = torch.optim.AdamW.step

    def ruin(self, *arguments, **settings):
        found = step(self, *arguments, **settings)
        self.param_groups[0]["params"][0].data.fill_(float("nan"))
        return found

    monkeypatch.setattr(torch.optim.AdamW, "step", ruin)
    with pytest.raises(UsageError, match=r"iteration-01/fit: .*Set a lower learning_rate"):
        fitted(tiny_model, tmp_path, updates=updates, rate=1e-3, save_steps=1)
    assert [path.name for path in tmp_path.iterdir()] == ["BEGUN"]


def test_a_fit_that_goes_well_is_no_divergence(tiny_model, tmp_path):
    result = fitted(tiny_model, tmp_path, updates=2, rate=1e-3)
    assert result["updates"] == 2
    assert (tmp_path / "model").exists()
