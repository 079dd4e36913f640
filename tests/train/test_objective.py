"""Compare each preset with its formula, computed pair by pair in plain NumPy."""

from functools import partial

import numpy as np
import pytest
import torch

from itertl_eval.train.fitting import _objectives as presets

pytestmark = pytest.mark.train


def groups(count=40):
    """Return (p, z, is_reference, lengths, prompt length) of random groups."""
    found = list(random_groups(count))
    assert len(found) == count
    return found


def random_groups(count):
    rng = np.random.default_rng(0)
    for number in range(count):
        size = int(rng.integers(1, 7))
        p = -rng.random(size) * 3
        z = rng.choice([0.0, 0.05, 0.2, 0.35, 0.5, 1.0], size)
        reference = np.zeros(size, bool)
        if number % 4:
            reference[-1] = True
            z[-1] = 1.0
        lengths = rng.integers(3, 60, size)
        yield p, z, reference, lengths, int(rng.integers(5, 80))


def numpy_clean(p, z, reference, lengths, prompt):
    w = [1.0 if r or q >= 1 else 0.0 for r, q in zip(reference, z, strict=True)]
    likelihood = sum(-a * b for a, b in zip(w, p, strict=True)) / max(1.0, sum(w))
    hinges = [
        max(0.0, 0.1 * (z[j] - z[i]) - (p[j] - p[i]))
        for i in range(len(p))
        for j in range(len(p))
        if z[j] - z[i] > 0.02
    ]
    active = [h for h in hinges if h > 0]
    return likelihood + 0.5 * (sum(active) / len(active) if active else 0.0)


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def numpy_paper(p, z, reference, lengths, prompt):
    s, total = softmax(p), 0.0
    for i in range(len(p)):
        for j in range(len(p)):
            if z[j] > z[i]:
                total += max(0.0, s[i] - s[j] + 0.3)
    return total - (p[reference][0] if reference.any() else 0.0)


def numpy_code(p, z, reference, lengths, prompt):
    s, comp = softmax(p * lengths / (lengths + prompt)), 0.0
    for i in range(len(p)):
        for j in range(len(p)):
            if z[j] - z[i] > 0.2 and s[j] - s[i] < 0.3:
                comp += 0.3 - (s[j] - s[i])
    return (comp + 1) * -p[reference][0] if reference.any() else comp


def numpy_rrhf(p, z, reference, lengths, prompt):
    total = 0.0
    for i in range(len(p)):
        for j in range(len(p)):
            if z[j] > z[i]:
                total += max(0.0, p[i] - p[j])
    best = [k for k in range(len(p)) if z[k] == z.max()]
    chosen = next((k for k in best if reference[k]), best[0])
    return total - p[chosen]


def numpy_rft(p, z, reference, lengths, prompt):
    taken = [p[k] for k in range(len(p)) if reference[k] or z[k] >= 1]
    return -sum(taken) / len(taken) if taken else 0.0


PLAIN = {
    "clean": numpy_clean,
    "rtlcoder-paper": numpy_paper,
    "rtlcoder-code": numpy_code,
    "rrhf": numpy_rrhf,
    "rft": numpy_rft,
}


@pytest.mark.parametrize("name", PLAIN)
def test_matches_plain_numpy(name):
    function = presets.make_objective(name)
    found = groups()
    worst = 0.0
    for p, z, reference, lengths, prompt in found:
        got = function(
            torch.tensor(p),
            torch.tensor(z),
            torch.tensor(reference),
            lengths=torch.tensor(lengths),
            prompt_length=prompt,
        )
        worst = max(worst, abs(float(got) - PLAIN[name](p, z, reference, lengths, prompt)))
    assert worst < 1e-12


@pytest.mark.parametrize("name", PLAIN)
def test_gradient_is_right(name):
    function = presets.make_objective(name)
    checked = []
    for p, z, reference, lengths, prompt in groups(12):
        more = {"lengths": torch.tensor(lengths), "prompt_length": prompt}
        fixed = (torch.tensor(z), torch.tensor(reference))
        leaf = torch.tensor(p, requires_grad=True)
        loss = partial(lambda x, f, m: function(x, *f, **m), f=fixed, m=more)
        checked.append(torch.autograd.gradcheck(loss, leaf))
    assert checked == [True] * 12


@pytest.mark.parametrize("name", PLAIN)
def test_a_step_down_raises_the_reference(name):
    """Every preset makes the reference more likely relative to the worst candidate."""
    p = torch.tensor([-1.0, -1.2, -1.1], dtype=torch.float64, requires_grad=True)
    z = torch.tensor([0.0, 0.3, 1.0], dtype=torch.float64)
    reference = torch.tensor([False, False, True])
    loss = presets.make_objective(name)(
        p, z, reference, lengths=torch.tensor([9, 9, 9]), prompt_length=10
    )
    (slope,) = torch.autograd.grad(loss, p)
    assert -slope[2] > -slope[0]


@pytest.mark.parametrize("name", ["clean", "rtlcoder-paper", "rft"])
def test_a_group_without_a_signal_is_zero(name):
    p = torch.tensor([-1.0, -2.0], requires_grad=True)
    loss = presets.make_objective(name)(p, torch.zeros(2), torch.zeros(2, dtype=torch.bool))
    loss.backward()
    assert float(loss.detach()) == 0
    assert p.grad is not None
    assert not p.grad.any()


def test_settings_reach_the_formula():
    p, z = torch.tensor([-1.0, -1.0]), torch.tensor([0.0, 1.0])
    reference = torch.tensor([False, True])
    none = presets.make_objective("clean", ranking_weight=0.0)(p, z, reference)
    double = presets.make_objective("clean", margin=2.0, ranking_weight=1.0)(p, z, reference)
    assert float(none) == pytest.approx(1.0)
    assert float(double) == pytest.approx(1.0 + 2.0)
