"""python -m itertl_eval.train --config RECIPE.yaml [--any_field value]"""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Sequence

from itertl_eval._util.command import command

TRAIN = {"accelerate", "datasets", "peft", "torch", "transformers", "trl"}
"""What the extra `train` installs."""


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Run a recipe. Returns 0, 2 for bad input, or 3 if this machine lacks something."""
    began = time.monotonic()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
    try:
        from itertl_eval.train.config import parse

        recipe = parse(sys.argv[1:] if arguments is None else arguments)
        if recipe.report.dry_run:
            from itertl_eval.train._dry_run import estimate
            from itertl_eval.train._preflight import preflight

            preflight(recipe)
            print(estimate(recipe))
            return 0
        from itertl_eval.train._loop import run

        run(recipe, began)
    except ModuleNotFoundError as error:
        ours = (error.name or "").partition(".")[0] in TRAIN
        advice = "'itertl-eval[train]'" if ours else error.name
        print(f"error: {error}\nTraining needs:  pip install {advice}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
