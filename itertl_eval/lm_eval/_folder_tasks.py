"""lm-eval tasks on folders: a generated corpus, or a task folder."""

from __future__ import annotations

from pathlib import Path

from itertl_eval.errors import UsageError
from itertl_eval.lm_eval._task import VerilogTask


class CorpusTask(VerilogTask):
    """The held-out problems of a generated corpus; `--metadata` names its folder as `corpus`."""

    @property
    def source(self) -> str:
        folder = self.settings.get("corpus")
        if not folder:
            raise UsageError(
                'corpus_heldout needs a corpus: --metadata \'{"corpus": "runs/demo/corpus"}\' '
                "(python -m itertl_eval.corpus FOLDER makes one)"
            )
        return str(folder)


def folder_task(file: str) -> type[VerilogTask]:
    """Return the lm-eval task class of the task folder that `file` lies in."""

    class FolderTask(VerilogTask):
        @property
        def source(self) -> str:
            return str(Path(file).resolve().parent)

    return FolderTask
