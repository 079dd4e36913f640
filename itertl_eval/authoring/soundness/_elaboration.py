"""Find the code of a reference that no parameter setting elaborates."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pyslang
from pyslang.ast import (
    Compilation,
    CompilationOptions,
    GenerateBlockArraySymbol,
    GenerateBlockSymbol,
    InstanceSymbol,
)

from itertl_eval.authoring.mutate import Mutant
from itertl_eval.problem import Given, Parameters, literal
from itertl_eval.verilog import slang

Span = tuple[int, int]
"""First and last byte, exclusive, of a part of the source."""


class Elaboration:
    """Which parts of a source one setting of the parameters leaves out."""

    def __init__(
        self,
        source: str,
        top: str,
        parameters: Parameters,
        given: Given = slang.NOTHING_GIVEN,
    ) -> None:
        options = CompilationOptions()
        options.topModules = {given.top or top}
        options.paramOverrides = [f"{name}={literal(v)}" for name, v in parameters.items()]
        compilation = Compilation(pyslang.Bag([options]))
        tree = slang.parse(source, "reference.sv", given)
        slang.add_to(compilation, tree, given)
        self._buffer = tree.root.sourceRange.start.buffer
        self._live: set[Span] = set()
        self._defaults: set[Span] = set()
        self._dead: set[Span] = set()
        modules = set()
        for instance in compilation.getRoot().topInstances:
            modules.add(instance.definition.name)
            self._defaults |= {
                self._span(parameter.syntax.initializer)
                for parameter in instance.body.parameters
                if parameter.name in parameters and parameter.syntax.initializer is not None
            }
            self._read(instance.body, modules)
        for module in slang.modules(tree):
            if modules and module.header.name.valueText not in modules:
                self._dead.add(self._span(module))
        self._dead -= self._live

    def _read(self, scope: Any, modules: set[str]) -> None:
        for member in scope:
            if isinstance(member, InstanceSymbol):
                modules.add(member.definition.name)
                self._read(member.body, modules)
            elif isinstance(member, GenerateBlockArraySymbol):
                blocks = [entry for entry in member if isinstance(entry, GenerateBlockSymbol)]
                if not blocks and member.syntax is not None:
                    self._dead.add(self._span(getattr(member.syntax, "block", member.syntax)))
                self._read(member, modules)
            elif isinstance(member, GenerateBlockSymbol):
                span = self._span(member.syntax)
                (self._dead if member.isUninstantiated else self._live).add(span)
                if not member.isUninstantiated:
                    self._read(member, modules)

    def _span(self, node: Any) -> Span:
        """Where a node is in the source; nowhere if it is in a given file."""
        around = node.sourceRange
        if around.start.buffer != self._buffer:
            return -1, -1
        return around.start.offset, around.end.offset

    def leaves_out(self, mutant: Mutant) -> bool:
        """Whether all that the mutant changes is left out."""
        return _within(mutant, self._dead)

    def sets_default(self, mutant: Mutant) -> bool:
        """Whether the mutant only changes a default value that the setting replaces."""
        return _within(mutant, self._defaults)


def _within(mutant: Mutant, spans: Collection[Span]) -> bool:
    first, last = mutant.changed
    return any(start <= first and last <= end for start, end in spans)
