"""The service needs the extra `serve`; without it this folder is skipped."""

import importlib.util

collect_ignore_glob = [] if importlib.util.find_spec("fastapi") else ["test_*.py"]
