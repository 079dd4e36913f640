"""The library that testbenches with a golden model are written with.

A bench names the ports, gives a golden model in Python and lists its test cases. Each case is
an ordinary cocotb test, so the file runs under cocotb's own runner, under pytest and under
this package's grader, which plays the stimulus from inside the simulator and is ten times
faster. See docs/add-a-testbench.md.
"""

from itertl_eval.bench._bench import Bench
from itertl_eval.bench._model import Care, Hold, Inputs, Model, Run

__all__ = ["Bench", "Care", "Hold", "Inputs", "Model", "Run"]
