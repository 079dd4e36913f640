"""The small model: tokenizer, optimizer, interrupted training, files that load."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from itertl_eval.corpus import completion_of, rows
from itertl_eval.errors import UsageError
from itertl_eval.train.base_model import _pretrain as base_model
from itertl_eval.train.base_model._muon import orthogonal
from itertl_eval.train.base_model._pretrain import (
    BaseModelRecipe,
    batch_loss,
    generic_pairs,
    make_base_model,
    new_model,
)
from itertl_eval.train.base_model._tokenizer import Example, batches, encode, make_tokenizer

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def pairs() -> list[tuple[str, str]]:
    return generic_pairs(BaseModelRecipe(steps=2))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base_model(tmp_path_factory.mktemp("base") / "model", size="tiny", steps=4)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return AutoModelForCausalLM.from_pretrained(folder).state_dict()


class TestTokenizer:
    @pytest.mark.parametrize("text", ["assign y = {a[6:0], 8'd255};\n    end", "é→\t\r\n ~^x__9"])
    def test_any_text_survives(self, made: Path, text: str) -> None:
        tokenizer = AutoTokenizer.from_pretrained(made)
        assert tokenizer.decode(tokenizer(text).input_ids) == text

    def test_prompt_and_completion_join_at_a_token(self, pairs: list[tuple[str, str]]) -> None:
        """Training sees the same tokens as sampling."""
        tokenizer = make_tokenizer([p + c for p, c in pairs], 1024)
        assert len(pairs) > 100
        for (prompt, completion), example in zip(pairs, encode(tokenizer, pairs), strict=True):
            whole = tokenizer(prompt + completion).input_ids
            assert example.tokens == [*whole, tokenizer.eos_token_id]
            assert tokenizer.decode(example.tokens[: example.prompt]) == prompt

    def test_a_problem_is_short(self, pairs: list[tuple[str, str]]) -> None:
        tokenizer = make_tokenizer([p + c for p, c in pairs], 1024)
        lengths = [len(example.tokens) for example in encode(tokenizer, pairs)]
        assert sum(lengths) / len(lengths) < 80


class TestText:
    def test_is_of_low_levels_and_no_corpus(self, pairs: list[tuple[str, str]]) -> None:
        generic = {prompt + completion for prompt, completion in pairs}
        corpus = {row["instruction"] + row["reference"] for row, _ in rows("train", 500)}
        assert not generic & corpus

    def test_a_held_out_structure_is_refused(self) -> None:
        row, _ = next(rows("train", 1, levels=(1,)))
        corpus = SimpleNamespace(heldout=["x"], rows={"x": row})
        with pytest.raises(UsageError, match="holds out"):
            generic_pairs(BaseModelRecipe(steps=2), corpus)  # type: ignore[arg-type]

    def test_batches_are_full_and_repeatable(self) -> None:
        examples = [Example([0] * (5 + n % 40), 2) for n in range(500)]
        source, again = batches(examples, 512, 3), batches(examples, 512, 3)
        some = [next(source) for _ in range(40)]
        assert some == [next(again) for _ in range(40)]
        sizes = [len(batch) * max(len(e.tokens) for e in batch) for batch in some]
        assert max(sizes) <= 512
        assert sorted(sizes)[20] > 400


class TestLoss:
    def test_padding_and_prompts_do_not_count(self, pairs: list[tuple[str, str]]) -> None:
        tokenizer = make_tokenizer([p + c for p, c in pairs], 512)
        model = new_model(BaseModelRecipe(steps=2), tokenizer)
        examples = encode(tokenizer, pairs[:5])
        total = count = 0.0
        for example in examples:
            ids = torch.tensor([example.tokens])
            labels = ids.clone()
            labels[:, : example.prompt] = -100
            number = len(example.tokens) - example.prompt
            total += model(input_ids=ids, labels=labels).loss.item() * number
            count += number
        assert batch_loss(model, examples).item() == pytest.approx(total / count, abs=1e-5)

    def test_updates_are_orthogonal(self) -> None:
        torch.manual_seed(0)
        found = [torch.linalg.svdvals(orthogonal(torch.randn(s))) for s in ((32, 80), (80, 32))]
        singular = torch.cat(found)
        assert 0.6 < singular.min() < singular.max() < 1.4


class TestModel:
    def test_loads_and_writes(self, made: Path) -> None:
        tokenizer = AutoTokenizer.from_pretrained(made)
        model = AutoModelForCausalLM.from_pretrained(made)
        tokens = tokenizer(["// y is a.\n", "// longer is b.\n"], padding=True, return_tensors="pt")
        assert tokens.input_ids[0, 0] == tokenizer.pad_token_id
        output = model.generate(**tokens, max_new_tokens=5)
        assert output.shape[1] <= tokens.input_ids.shape[1] + 5
        assert model.generation_config.eos_token_id == tokenizer.eos_token_id

    def test_no_pickle_is_left(self, made: Path) -> None:
        assert {file.suffix for file in made.iterdir()} <= {".json", ".safetensors", ".jinja"}
        assert list(made.parent.iterdir()) == [made]

    def test_is_made_once(self, made: Path) -> None:
        before = (made / "model.safetensors").stat().st_mtime_ns
        make_base_model(made, size="tiny", steps=4)
        assert (made / "model.safetensors").stat().st_mtime_ns == before
        with pytest.raises(UsageError, match="something else"):
            make_base_model(made, size="tiny", steps=5)

    def test_unknown_size(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="tiny, small, medium"):
            make_base_model(tmp_path / "m", size="huge")

    def test_goes_on_where_it_was_stopped(
        self, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Killed after a checkpoint, then run again: the weights of an uninterrupted run."""
        monkeypatch.setattr(base_model, "CHECKPOINT_SECONDS", -1.0)
        loss_of, calls = base_model.batch_loss, []

        def stop_at_the_third(*arguments: object) -> torch.Tensor:
            calls.append(1)
            if len(calls) == 3:
                raise KeyboardInterrupt
            return loss_of(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(base_model, "batch_loss", stop_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            make_base_model(tmp_path / "model", size="tiny", steps=4)
        assert not (tmp_path / "model").exists()
        make_base_model(tmp_path / "model", size="tiny", steps=4)
        assert len(calls) == 3 + 2
        expected, got = weights(made), weights(tmp_path / "model")
        assert all(torch.equal(expected[name], got[name]) for name in expected)


def test_completions_end_with_the_module() -> None:
    row, _ = next(rows("train", 1))
    assert completion_of(row).endswith("endmodule\n")
