"""Read lm-eval's responses as completions, and save these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from itertl_eval._util.progress import say
from itertl_eval.grader import Item, keep


def completion_text(response: object) -> str:
    """Return a response as text that can be written as UTF-8.

    Some back ends give None for a request that failed. Half a character (a lone surrogate, which
    JSON can hold) would stop lm-eval's writer in the middle of its file.
    """
    text = "" if response is None else str(response)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def put_back(text: str, stops: Sequence[str], opened: str = "") -> str:
    """Return the completion with what the prompt or a stop string took from it.

    Args:
        text: The text that the back end returned.
        stops: The stop strings of the request.
        opened: The mark with which the prompt opened the thoughts.
    """
    if "endmodule" in stops and "endmodule" not in text:
        text = f"{text}\nendmodule\n"
    elif "[DONE]" in stops and "[BEGIN]" in text:  # v2's rules find no code without both marks
        text = f"{text}\n[DONE]\n"
    return f"{opened}{text}" if opened and text.strip() else text


def saved(items: Sequence[Item], task: str, warn: Callable[[str], object]) -> Path | None:
    """Save a task's completions, and say where. Returns None if that fails, which ends no run."""
    try:
        path = keep(items, task)
    except OSError as error:
        warn(f"the completions were not saved: {error}")
        return None
    say(f"  {task}: completions saved to {path}")
    return path
