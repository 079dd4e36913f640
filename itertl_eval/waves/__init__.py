"""Record and read waveforms of designs that failed in simulation.

`record_failures` runs the designs once more in the grader's sandbox and writes FST files, which
GTKWave and Surfer open. A Wave is the part around the first mismatch, which the report draws.
"""

from itertl_eval.waves._failing import Failing
from itertl_eval.waves._files import load_wave, wave_path, waves_folder
from itertl_eval.waves._options import add_waves_window
from itertl_eval.waves._record import record_failures
from itertl_eval.waves._vcd import Trace, Wave, read_vcd

__all__ = [
    "Failing",
    "Trace",
    "Wave",
    "add_waves_window",
    "load_wave",
    "read_vcd",
    "record_failures",
    "wave_path",
    "waves_folder",
]
