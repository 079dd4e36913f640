"""The library for testbenches with a reference model.

A bench names the ports, gives a reference model in Python and lists its test cases. Each case is
an ordinary cocotb test, so the file runs under cocotb's own runner, under pytest and under this
package's grader, which plays the stimulus from inside the simulator and is ten times faster.
See docs/add-a-testbench.md.
"""

from itertl_eval.bench._bench import Bench
from itertl_eval.bench._interface import Interface
from itertl_eval.bench._model import Care, Hold, Inputs, Model, Run
from itertl_eval.bench._player import use_packed_player
from itertl_eval.bench._recorded import RecordedBench
from itertl_eval.bench._verilog_player import TIMESCALE, harness_text

__all__ = [
    "TIMESCALE",
    "Bench",
    "Care",
    "Hold",
    "Inputs",
    "Interface",
    "Model",
    "RecordedBench",
    "Run",
    "harness_text",
    "use_packed_player",
]
