"""Read a design: clocks, resets, constants, initial values."""

from itertl_eval.from_reference.circuit._circuit import Circuit, Constant, Reset, read_circuit
from itertl_eval.from_reference.circuit._initial import without_initial

__all__ = ["Circuit", "Constant", "Reset", "read_circuit", "without_initial"]
