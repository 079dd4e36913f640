"""Recipes: defaults from YAML, flags that override, everything else refused."""

from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from itertl_eval.errors import UsageError
from itertl_eval.train.base_model._pretrain import SIZES
from itertl_eval.train.config._fields import FREE, GROUPS, DataArguments, ObjectiveArguments
from itertl_eval.train.config._recipe import make_recipe, parse
from itertl_eval.train.fitting import OBJECTIVES

pytestmark = pytest.mark.train
SHIPPED = sorted((Path(__file__).parents[2] / "training").glob("*.yaml"))


def write(folder, text):
    path = folder / "recipe.yaml"
    path.write_text(text)
    return ["--config", str(path)]


def test_yaml_gives_defaults_and_flags_override(tmp_path):
    config = write(tmp_path, "iterations: 5\nlearning_rate: 1e-4\nlora_targets: [q_proj, v_proj]\n")
    recipe = parse([*config, "--iterations", "2", "--sft", "false"])
    assert recipe.loop.iterations == 2
    assert recipe.loop.sft is False
    assert recipe.trainer.learning_rate == 1e-4
    assert recipe.trainer.lora_targets == ["q_proj", "v_proj"]
    assert recipe.objective.objective == "clean"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("iteration: 3\n", "did you mean iterations"),
        ("iterations: many\n", "iterations"),
        ("iterations: 2.5\n", "iterations: 2.5 is not int"),
        ("iterations: -1\n", "less than 0"),
        ("objective: dpo2\n", "rtlcoder-paper"),
        ("top_p: 1.5\n", "top_p"),
        ("lora_targets: all-linear\n", "is not a list"),
        ("split_gradients: true\nlora_dropout: 0.1\n", "lora_dropout"),
        ("kl_weight: 0.1\ntuning: full\n", "adapter"),
        ("lora_dropout: 1.5\n", "lora_dropout"),
        ("prove_testbenches: true\ntestbench: ports-only\n", "testbench: from-reference"),
        ("sampler: server\ntuning: full\n", "follow the iterations"),
        ("patience: 2\ntrain_data: [mine]\n", "heldout_data"),
        ("fsdp: full_shard bogus\n", "fsdp: 'bogus' is none of full_shard"),
        ("learning_rate: .nan\n", "learning_rate: nan is not a finite number"),
        ("temperature: .inf\n", "temperature: inf is not a finite number"),
        ("max_instructions: -5\n", "max_instructions: -5 is less than 0"),
        ("server_concurrency: 0\n", "server_concurrency: 0 is less than 1"),
        ("logging_steps: 0\n", "logging_steps: 0 is less than 1"),
        ("sft_learning_rate: -1.0\n", "sft_learning_rate: -1.0 is less than 0"),
        ("top_p: 0\n", "top_p: 0 is less than 1e-06"),
        ("gap: -0.1\n", "gap: -0.1 is less than 0"),  # it would rank a candidate with itself
        ("dpo_beta: 0\n", "dpo_beta: 0 is less than 1e-06"),  # its loss would be a constant
        ("model_size: huge\n", "model_size: 'huge' is none of tiny, small, medium"),
        (f"seed: {2**70}\n", f"seed: {2**70} has more than 64 bits"),
        ("paper_gap: -0.1\n", "paper_gap: -0.1 is less than 0"),
        (
            "reference_weight: 0\npassing_weight: 0\nranking_weight: 0\n",
            "objective: clean learns nothing without reference_weight",
        ),
        ("reference_weight: -1\n", "reference_weight: -1 is less than 0"),
        ("vllm_engine: gpu_memory_utilization=0.5\n", "vllm_engine: not JSON"),
        ("vllm_engine: '[1]'\n", "JSON object"),
        ("run_dir: [x\n", "the recipe can't be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, message):
    with pytest.raises((UsageError, SystemExit)) as caught:
        parse(write(tmp_path, text))
    if isinstance(caught.value, UsageError):
        assert message in str(caught.value)


@pytest.mark.parametrize("flag", ["--iteration_s", "--iteration"])
def test_an_unknown_flag_ends_with_status_2(flag, capsys):
    with pytest.raises((SystemExit, UsageError)) as caught:
        parse([flag, "3"])
    assert getattr(caught.value, "code", 2) == 2
    assert str(caught.value).count("did you mean") <= 1  # of the flag, not of the sentence


def test_every_field_has_a_help_text_and_a_name_of_its_own():
    names = [entry for group in GROUPS for entry in group.__dataclass_fields__.values()]
    assert all(entry.metadata.get("help") for entry in names)
    assert len({entry.name for entry in names}) == len(names)
    assert {entry.name for entry in names} >= FREE


def test_shipped_recipes_are_valid():
    assert len(SHIPPED) >= 4
    for path in SHIPPED:
        parse(["--config", str(path)])


def test_every_objective_of_a_recipe_has_its_record():
    names = get_args(get_type_hints(ObjectiveArguments)["objective"])
    assert set(names) == set(OBJECTIVES)


def test_every_size_of_the_small_model_can_be_chosen():
    names = get_args(get_type_hints(DataArguments)["model_size"])
    assert set(names) == set(SIZES)


def test_the_learning_rate_has_a_default_for_each_tuning():
    assert make_recipe().fixed()["learning_rate"] == 2e-4
    assert make_recipe(tuning="full").fixed()["learning_rate"] == 1e-5
    assert make_recipe(tuning="full", learning_rate=3e-4).trainer.peak_rate == 3e-4


def test_flat_and_back():
    recipe = make_recipe(iterations=7, objective="rft")
    assert make_recipe(**recipe.flat()) == recipe
    with pytest.raises(UsageError, match="did you mean seed"):
        make_recipe(sead=1)
