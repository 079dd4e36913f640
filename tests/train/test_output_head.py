"""The output head: log-probabilities and gradients by chunks, without keeping logits."""

import pytest
import torch

from itertl_eval.train.fitting._logprobs import token_logprobs

pytestmark = pytest.mark.train

WIDTH, VOCABULARY, TOKENS = 8, 50, 11


class Head:
    """A head with a softcap, which counts the tokens that pass through it."""

    def __init__(self) -> None:
        source = torch.Generator().manual_seed(0)
        self.weight = torch.randn(VOCABULARY, WIDTH, generator=source, dtype=torch.float64)
        self.tokens = 0

    def __call__(self, hidden):
        self.tokens += len(hidden)
        return torch.tanh(hidden @ self.weight.T / 3) * 3


def gradients(chunk, **options):
    """Return log-probabilities, the gradient of a weighted sum of them, and the head."""
    head, source = Head(), torch.Generator().manual_seed(1)
    hidden = torch.randn(TOKENS, WIDTH, generator=source, dtype=torch.float64, requires_grad=True)
    targets = torch.randint(VOCABULARY, (TOKENS,), generator=source)
    found = token_logprobs(head, hidden, targets, chunk, **options)
    (found * torch.linspace(-1, 2, TOKENS, dtype=torch.float64)).sum().backward()
    return found.detach(), hidden.grad, head


def test_log_probabilities_are_those_of_a_softmax():
    head, hidden = Head(), torch.ones(2, WIDTH, dtype=torch.float64)
    found = token_logprobs(head, hidden, torch.tensor([3, 4]), 0)
    expected = head(hidden).softmax(1).log()[[0, 1], [3, 4]]
    assert torch.allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("chunk", [1, 4, 100])
@pytest.mark.parametrize("frozen", [False, True])
def test_chunks_change_neither_values_nor_gradients(chunk, frozen):
    found, slopes, _ = gradients(chunk, frozen=frozen)
    expected, others, _ = gradients(0)
    assert (found - expected).abs().max() < 1e-12
    assert others.abs().max() > 0.1
    assert (slopes - others).abs().max() < 1e-12


def test_a_frozen_head_is_computed_once():
    assert gradients(4, frozen=True)[2].tokens == TOKENS
    assert gradients(4, frozen=False)[2].tokens == 2 * TOKENS


def test_no_gradient_is_computed_where_none_is_needed():
    hidden = torch.ones(2, WIDTH, dtype=torch.float64, requires_grad=True)
    with torch.no_grad():
        found = token_logprobs(Head(), hidden, torch.tensor([3, 4]), 1, frozen=True)
    assert not found.requires_grad
