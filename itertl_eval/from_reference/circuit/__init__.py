"""Read a design: clocks, resets, constants, initial values."""

from itertl_eval.from_reference.circuit._circuit import Circuit, Constant, Reset, read_circuit
from itertl_eval.from_reference.circuit._initial import without_initial
from itertl_eval.from_reference.circuit._polarity import is_called_reset

__all__ = ["Circuit", "Constant", "Reset", "is_called_reset", "read_circuit", "without_initial"]
