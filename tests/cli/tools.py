"""What the tests of the command line share: samples files, and refusals."""

from __future__ import annotations

import json
from pathlib import Path

from itertl_eval.cli import main


def samples(tmp_path, *rows) -> str:
    file = tmp_path / "samples.jsonl"
    file.write_text(
        "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)
    )
    return str(file)


def row(completion="", task_id="mine", **more):
    return {"task_id": task_id, "completion": completion, **more}


def wrong(folder: Path) -> str:
    return (folder / "reference.sv").read_text().replace("4'd1", "4'd2")


def refused(capsys, code, *arguments) -> str:
    """What is said on stderr by a command that ends with `code`, after the program's name."""
    assert main([str(argument) for argument in arguments]) == code
    lines = capsys.readouterr().err
    return lines[lines.index("itertl-eval: ") :]
