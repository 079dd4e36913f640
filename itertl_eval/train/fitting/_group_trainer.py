"""GroupTrainer: a transformers.Trainer whose loss is defined on groups of candidates.

One row of the data set is the Group of one instruction; the collator flattens groups into rows.
The loss of a batch is the mean of its groups' losses, so it does not depend on how many groups a
forward pass, an accumulation step or a rank holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Sampler, SequentialSampler
from transformers import Trainer

from itertl_eval._util.progress import say_once
from itertl_eval.errors import UsageError
from itertl_eval.train.fitting import _logprobs as logprobs
from itertl_eval.train.fitting._objectives import Loss, clipped
from itertl_eval.train.fitting._packing import saves

Batch = Mapping[str, Tensor]


class GroupTrainer(Trainer):
    """Trainer for Groups, in the order of the data set.

    `objective` takes (p, z, is_reference, lengths=, prompt_length=). A positive `split_rows`
    turns on gradient splitting: a first pass without gradients computes every p, the gradient
    g = dL/dp of the objective follows from those scalars, and a second pass back-propagates
    g_k p_k for `split_rows` candidates at a time. By the chain rule this is exact if both
    passes compute the same p, so the model must not have dropout.

    A positive `clip` replaces the objective by a policy gradient with clipped importance ratios,
    for candidates that know the log-probability of each token under the model that sampled them.

    `share_prompts` computes a group's prompt once for all its candidates, if the model's attention
    takes a mask for every pair of tokens and this takes less work.
    """

    # transformers divides by the accumulation steps only if it knows that the loss is a mean.
    loss_is_scaled_for_ga = False

    def __init__(
        self,
        *args: Any,
        objective: Loss | None,
        head_chunk: int = 1024,
        split_rows: int = 0,
        kl_weight: float = 0.0,
        share_prompts: bool = True,
        clip: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        assert self.model is not None
        self.model_accepts_loss_kwargs = False
        self._objective = objective
        self.clip = clip
        self.split_rows = split_rows
        self.kl_weight = kl_weight
        self._sums: dict[str, float] = defaultdict(float)
        if split_rows and self.is_deepspeed_enabled:
            raise UsageError(
                "split_gradients does not work with DeepSpeed, which steps after each backward pass"
            )
        if split_rows and _has_dropout(self.model):
            raise UsageError("split_gradients needs a model without dropout")
        wanted = share_prompts and not split_rows
        self.share_prompts = logprobs.install(self.model, head_chunk, share_prompts=wanted)
        if wanted and not self.share_prompts:
            say_once(f"  {type(self.model).__name__}: the prompt is computed for each candidate")

    def train(self, *args: Any, **kwargs: Any) -> Any:
        """Train; see `transformers.Trainer.train`."""
        from peft.helpers import disable_input_dtype_casting

        # Under autocast a product casts its own input. PEFT would cast it to the adapter's float32
        # before, which copies each input twice and changes nothing.
        autocasts = self.args.bf16 and not self.is_deepspeed_enabled
        assert self.model is not None
        with disable_input_dtype_casting(self.model, active=autocasts):
            return super().train(*args, **kwargs)

    # -- the loss -----------------------------------------------------------------------------

    def compute_loss(
        self,
        model: nn.Module,
        inputs: Any,
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """Return the mean objective of the batch's groups, plus the optional KL penalty."""
        del num_items_in_batch
        output = self._forward(model, inputs)
        p = logprobs.row_means(output["tokens"], output["rows"], inputs["lengths"])
        loss = self._policy_loss(output, inputs) if self.clip else self.group_loss(p, inputs)
        if self.kl_weight:
            loss = loss + self.kl_weight * self._divergence(output, inputs)
        self._note(p.detach(), _sampled_means(output, inputs["sampled"]), inputs)
        return (loss, {"p": p.detach()}) if return_outputs else loss

    def group_loss(self, p: Tensor, inputs: Batch) -> Tensor:
        """Return the mean of the groups' losses, given mean log-probabilities `p` [N] in nats."""
        assert self._objective is not None
        losses = []
        start = 0
        for size in inputs["sizes"].tolist():
            part = slice(start, start + size)
            losses.append(
                self._objective(
                    p[part],
                    inputs["z"][part].to(p.dtype),
                    inputs["is_reference"][part],
                    lengths=inputs["lengths"][part],
                    prompt_length=int(inputs["starts"][start]),
                )
            )
            start += size
        return torch.stack(losses).mean()

    def _policy_loss(self, output: Mapping[str, Tensor], inputs: Batch) -> Tensor:
        """Return the mean of the groups' losses with importance ratios per token."""
        rows, losses, start = output["rows"], [], 0
        for size in inputs["sizes"].tolist():
            mine = (rows >= start) & (rows < start + size)
            losses.append(
                clipped(
                    output["tokens"][mine],
                    inputs["old"][mine],
                    rows[mine] - start,
                    inputs["z"][start : start + size],
                    clip=self.clip,
                )
            )
            start += size
        return torch.stack(losses).mean()

    def training_step(self, model: nn.Module, inputs: Any, *args: Any, **kwargs: Any) -> Tensor:
        """Run forward and backward for one micro batch; return its share of the loss."""
        if not self.split_rows:
            return super().training_step(model, inputs, *args, **kwargs)
        model.train()
        inputs = self._prepare_inputs(inputs)
        count = len(inputs["lengths"])
        parts = [slice(at, at + self.split_rows) for at in range(0, count, self.split_rows)]
        # Each pass through a sharded model is a collective: a rank with fewer parts adds idle ones.
        idle = self._most_parts(len(parts)) - len(parts)
        with torch.no_grad(), self.compute_loss_context_manager():
            for _ in range(idle):
                self._means(model, inputs, parts[0])
            means = [self._means(model, inputs, part) for part in parts]
        p = torch.cat([part for part, _ in means])
        self._note(p, torch.cat([sampled for _, sampled in means]), inputs)
        p.requires_grad_(True)
        loss = self.group_loss(p, inputs)
        (slope,) = torch.autograd.grad(loss, p)
        steps = self.current_gradient_accumulation_steps
        passes = [(parts[0], 0.0)] * idle + [(part, 1.0) for part in parts]
        for number, (part, weight) in enumerate(passes, 1):
            # DDP synchronises the ranks once, in the last backward pass.
            alone = nullcontext() if number == len(passes) else self.accelerator.no_sync(model)
            with alone:
                with self.compute_loss_context_manager():
                    p_part, _ = self._means(model, inputs, part)
                    value = (weight * slope[part] * p_part).sum()
                self.accelerator.backward(value / steps)
        return loss.detach() / steps

    def _most_parts(self, mine: int) -> int:
        """Return the largest number of parts on any rank if ranks hold shards of the model."""
        if self.accelerator.num_processes == 1 or not self.is_fsdp_enabled:
            return mine
        most = torch.tensor(mine, device=self.accelerator.device)
        torch.distributed.all_reduce(most, torch.distributed.ReduceOp.MAX)
        return int(most)

    def _forward(self, model: nn.Module, inputs: Batch) -> dict[str, Tensor]:
        names = ["input_ids", "attention_mask", "starts", "lengths"]
        if self.share_prompts:
            shape = (inputs["starts"], inputs["lengths"], inputs["sizes"])
            names += ["sizes"] * saves(*shape, self._width)
        output: dict[str, Tensor] = model(**{name: inputs[name] for name in names})
        return output

    @property
    def _width(self) -> int:
        """Hidden width of the model."""
        model: Any = self.model
        return int(model.config.get_text_config().hidden_size)

    def _means(self, model: nn.Module, inputs: Batch, part: slice) -> tuple[Tensor, Tensor]:
        """Return the mean log-probabilities of some rows, over all and over sampled tokens."""
        names = ("input_ids", "attention_mask", "starts", "lengths")
        rows = {name: inputs[name][part] for name in names}
        width = int(rows["attention_mask"].sum(1).max())
        for name in ("input_ids", "attention_mask"):
            rows[name] = rows[name][:, :width]
        output = model(**rows)
        p = logprobs.row_means(output["tokens"], output["rows"], rows["lengths"])
        return p, _sampled_means(output, inputs["sampled"][part])

    def _divergence(self, output: Mapping[str, Tensor], inputs: Batch) -> Tensor:
        """Return the penalty for leaving the base on the candidates' tokens, in nats per token.

        It is the mean over groups of the mean over their candidates of the mean over tokens of
        exp(b - q) - (b - q) - 1, where q and b are a token's log-probabilities under the model
        and under the base (adapter switched off): never negative, zero where they agree. This is
        the k3 estimate of KL(model || base) only for tokens sampled from the model itself. The
        candidates are references and completions of an earlier model, so the value is a
        regulariser on these tokens and not a measured divergence.
        """
        model = self.accelerator.unwrap_model(self.model)
        with torch.no_grad(), model.disable_adapter():
            base = self._forward(model, inputs)["tokens"]
        ratio = base - output["tokens"]
        means = logprobs.row_means(ratio.exp() - ratio - 1, output["rows"], inputs["lengths"])
        return torch.stack([part.mean() for part in means.split(inputs["sizes"].tolist())]).mean()

    # -- what is logged -----------------------------------------------------------------------

    def _note(self, p: Tensor, sampled: Tensor, inputs: Batch) -> None:
        reference = inputs["is_reference"]
        self._sums["reference_logprob"] += float(p[reference].sum())
        self._sums["references"] += int(reference.sum())
        known = ~torch.isnan(inputs["drawn"])
        self._sums["gap"] += float((inputs["drawn"][known] - sampled[known]).sum())
        self._sums["drawn"] += int(known.sum())

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """Log, adding the references' log-probability and the sampler gap, both in nats per token.

        The gap is the mean of log p_sampler - log p_model over the samples that are trained on:
        how far these samples have moved. It estimates KL(sampler || model) only if all samples
        are trained on; `rft` keeps the passing ones and `clean` drops duplicates.
        """
        if "loss" in logs:
            sums = self._over_ranks()
            if sums["references"]:
                logs["reference_logprob"] = sums["reference_logprob"] / sums["references"]
            if sums["drawn"]:
                logs["sampler_gap"] = sums["gap"] / sums["drawn"]
            self._sums.clear()
        super().log(logs, *args, **kwargs)

    def _over_ranks(self) -> dict[str, float]:
        if self.accelerator.num_processes == 1:
            return self._sums
        names = ("reference_logprob", "references", "gap", "drawn")
        mine = torch.tensor([self._sums[name] for name in names], device=self.accelerator.device)
        return dict(zip(names, self.accelerator.reduce(mine, "sum").tolist(), strict=True))

    # -- the data -----------------------------------------------------------------------------

    def _get_train_sampler(self, *_: Any) -> Sampler[int]:
        assert self.train_dataset is not None
        return SequentialSampler(self.train_dataset)  # type: ignore[arg-type]

    def prediction_step(self, model: nn.Module, inputs: Any, *_: Any, **__: Any) -> Any:
        """Return the loss alone: there are no logits to return."""
        with torch.no_grad():
            return self.compute_loss(model, self._prepare_inputs(inputs)).detach(), None, None


@torch.no_grad()
def _sampled_means(output: Mapping[str, Tensor], sampled: Tensor) -> Tensor:
    """Return the mean log-probability [N] of each row's sampled tokens, as samplers report it."""
    return logprobs.leading_means(output["tokens"], output["rows"], sampled)


def _has_dropout(model: nn.Module) -> bool:
    config = getattr(model, "config", None)
    settings = config.to_dict() if config is not None else {}
    names = ("attention_dropout", "resid_pdrop", "embd_pdrop", "attn_pdrop", "hidden_dropout")
    modules = any(isinstance(m, nn.Dropout) and m.p > 0 for m in model.modules())
    return modules or any(settings.get(name) for name in names)
