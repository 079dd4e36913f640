"""Let `lm_eval --tasks verilogeval_human` find this package's tasks without another flag.

lm-eval 0.4 searches for tasks only in its own folder and in --include_path. Until a release reads
the entry point group `lm_eval.tasks`, which this package declares, a .pth file imports this module
when Python starts. It waits for `lm_eval.tasks` to be imported, and then adds our folder before
the user's include_path. It imports only sys, never raises, does nothing where lm-eval finds
plug-ins by itself, and ITERTL_EVAL_NO_BRIDGE=1 switches it off.
lm-eval loads the model before it makes a task, so the bridge also asks whether this machine can
grade when the command line looks one of our tasks up.
Without it: lm_eval --include_path "$(itertl-eval tasks --path)".
"""

import sys

_TARGET = "lm_eval.tasks"


class _Finder:
    """Find only lm_eval.tasks, once: the original module, with a hook that runs after it."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != _TARGET:
            return None
        others = [finder for finder in sys.meta_path if finder is not cls]
        for finder in others:
            spec = finder.find_spec(name, path, target) if hasattr(finder, "find_spec") else None
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    _hook(spec.loader)
                return spec
        return None


def _hook(loader):
    original = loader.exec_module

    def exec_module(module):
        # Not earlier: importlib.util.find_spec asks for a spec without importing the module.
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not _Finder]
        original(module)
        try:
            _extend(module)
        except Exception as error:  # a future lm-eval must not break because of us
            _complain(error)

    loader.exec_module = exec_module


def _complain(error):
    print(f"itertl-eval: its tasks were not added ({error!r})", file=sys.stderr)


def _extend(module):
    import functools
    import inspect
    import os

    manager = module.TaskManager
    if os.environ.get("ITERTL_EVAL_NO_BRIDGE") == "1":
        return
    if "entry_points" in inspect.getsource(sys.modules[manager.__module__]):
        return
    original = manager.__init__

    @functools.wraps(original)
    def init(self, *args, **kwargs):
        given = inspect.signature(original).bind(self, *args, **kwargs)
        given.apply_defaults()
        if given.arguments.get("include_defaults", True):
            theirs = given.arguments.get("include_path") or []
            theirs = theirs if isinstance(theirs, (list, tuple)) else [theirs]
            try:
                from itertl_eval._util.paths import task_folders

                given.arguments["include_path"] = [*map(str, task_folders()), *theirs]
            except Exception as error:  # this package was moved or partly removed
                _complain(error)
        original(*given.args, **given.kwargs)

    manager.__init__ = init
    original_match = manager.match_tasks

    @functools.wraps(original_match)
    def match_tasks(self, names):
        found = original_match(self, names)
        if _command_line_will_grade(sys._getframe(1)) and any(_is_ours(self, n) for n in found):
            from itertl_eval.errors import InfrastructureError
            from itertl_eval.grader import preflight

            try:
                preflight()
            except InfrastructureError as error:
                raise SystemExit(f"itertl-eval: {error}") from None
        return found

    manager.match_tasks = match_tasks


def _command_line_will_grade(frame):
    """Whether the caller is lm-eval's command line, with grading to follow."""
    config = frame.f_locals.get("self")
    return type(config).__name__ == "EvaluatorConfig" and not config.predict_only


def _is_ours(manager, name):
    """Whether the name is that of a task, group or tag in our folder, or in one that uses us."""
    from itertl_eval._util.paths import task_folders

    index = getattr(manager, "task_index", None) or getattr(manager, "_task_index", {})  # 0.4, 0.5
    named = [entry for entry in index.values() if entry.name == name or name in entry.tags]
    for path in (entry.yaml_path for entry in named if entry.yaml_path):
        if any(path.is_relative_to(folder) for folder in task_folders()):
            return True
        helpers = path.with_name("utils.py")
        if helpers.is_file() and "itertl_eval" in helpers.read_text():
            return True
    return False


sys.meta_path.insert(0, _Finder)
