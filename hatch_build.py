"""Build hook: put the lm-eval bridge and its .pth file where Python looks at start-up.

hatchling's editable wheels hold only a path file of their own, so the bridge is added there
by hand; ordinary wheels get it the same way.
"""

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BridgeHook(BuildHookInterface):
    def initialize(self, version, build_data):
        kind = "force_include_editable" if version == "editable" else "force_include"
        for name in ("itertl_eval_bridge.py", "itertl_eval_bridge.pth"):
            build_data[kind][f"{self.root}/{name}"] = name
