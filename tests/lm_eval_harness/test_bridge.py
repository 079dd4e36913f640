"""How lm-eval finds the tasks: the bridge, and the command that prints their folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import itertl_eval
from itertl_eval._util.paths import shipped

pytestmark = pytest.mark.lm_eval


def run_python(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **environment},
        check=True,
    ).stdout.strip()


# The folders that lm-eval would search, without the search, which takes ten seconds.
SEARCHED = """
import json, lm_eval.tasks
from lm_eval.tasks import manager
show = lambda paths: print(json.dumps([str(path) for path in paths])) or {{}}
manager.TaskIndex.build = lambda self, paths, **_: show(paths)
lm_eval.tasks.TaskManager({})
"""


def searched(options="", **environment):
    return json.loads(run_python(SEARCHED.format(options), **environment))


def test_bridge_adds_our_folder_after_lm_evals_own_and_before_the_users():
    ours = str(shipped("tasks"))
    assert searched()[1:] == [ours]
    assert searched("include_path='/mine'")[1:] == [ours, "/mine"]
    assert searched("include_path=['/mine', '/too']")[1:] == [ours, "/mine", "/too"]
    assert searched(ITERTL_EVAL_TASKS="/own")[1:] == [ours, "/own"]


def test_bridge_does_nothing_when_switched_off():
    assert len(searched(ITERTL_EVAL_NO_BRIDGE="1")) == 1
    assert searched("include_defaults=False") == []


def test_bridge_survives_a_search_for_the_spec():
    code = SEARCHED.format("")
    asked = f"import importlib.util; importlib.util.find_spec('lm_eval.tasks')\n{code}"
    assert json.loads(run_python(asked))[1:] == [str(shipped("tasks"))]


def test_bridge_breaks_nothing_where_this_package_cannot_be_imported():
    gone = f"import sys; sys.modules['itertl_eval'] = None\n{SEARCHED.format('')}"
    done = subprocess.run([sys.executable, "-c", gone], capture_output=True, text=True, check=True)
    assert len(json.loads(done.stdout)) == 1
    assert "its tasks were not added" in done.stderr


@pytest.mark.slow
def test_lm_eval_lists_the_tasks():
    done = subprocess.run(
        [sys.executable, "-m", "lm_eval", "ls", "tasks"], capture_output=True, text=True, check=True
    )
    for name in ("verilogeval_human", "verilogeval_machine", "rtl_core"):
        assert f"|{name} " in done.stdout


def test_the_bridge_imports_nothing_at_start():
    code = "import sys; print('itertl_eval' in sys.modules or 'lm_eval' in sys.modules)"
    assert run_python(code) == "False"


def test_path_command_names_the_folder():
    done = subprocess.run(
        [sys.executable, "-m", "itertl_eval.cli", "tasks", "--path"],
        capture_output=True,
        text=True,
        check=True,
    )
    folder = Path(done.stdout.strip())
    assert (folder / "rtl_core" / "rtl_core.yaml").exists()


# As lm-eval's command line does, up to where it would load a model; an index of three tasks.
LOOKED_UP = """
import json, pathlib, lm_eval.tasks
from lm_eval.tasks import manager
from lm_eval.config.evaluate_config import EvaluatorConfig
from lm_eval.tasks._index import Entry, Kind
from itertl_eval._util.paths import shipped
ours = shipped("tasks") / "rtl_core" / "rtl_core.yaml"
mine = pathlib.Path({folder!r}) / "mine.yaml"
entries = [Entry("rtl_core", Kind.TASK, ours, {{}}, {{"verilog"}})]
entries += [Entry("verilog", Kind.TAG, None), Entry("mine", Kind.TASK, mine, {{}})]
entries += [Entry("other", Kind.TASK, pathlib.Path("/x/o.yaml"), {{}})]
manager.TaskIndex.build = lambda *_, **__: {{entry.name: entry for entry in entries}}
said = []
for name, predict in {asked!r}:
    try:
        EvaluatorConfig(tasks=[name], predict_only=predict).process_tasks({{}})
        said.append("a model is loaded")
    except SystemExit as error:
        said.append(str(error))
print(json.dumps(said))
"""


def test_what_the_machine_lacks_is_said_before_a_model_is_loaded(tmp_path):
    (tmp_path / "utils.py").write_text("from itertl_eval.lm_eval import folder_task\n")
    asked = [("rtl_core", False), ("verilog", False), ("mine", False)]
    asked += [("rtl_core", True), ("other", False)]
    said = run_python(
        LOOKED_UP.format(folder=str(tmp_path), asked=asked),
        ITERTL_EVAL_ICARUS=str(tmp_path),
        PYTHONPATH=str(Path(itertl_eval.__file__).parents[1]),  # this bridge, not a copy
    )
    *stopped, only_predicts, foreign = json.loads(said)
    assert len(stopped) == 3
    assert all(text.startswith("itertl-eval: Icarus Verilog was not found") for text in stopped)
    assert only_predicts == foreign == "a model is loaded"
