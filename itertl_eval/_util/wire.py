"""Dataclasses as lines of JSON between processes, checked where they arrive."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any], Any]


class WireError(ValueError):
    """A message that does not have the form that its reader expects."""


def dump(message: object) -> bytes:
    """Return a dataclass, or a mapping of JSON values, as one line."""
    return json.dumps(message, default=vars).encode() + b"\n"


def load(kind: type[T], line: bytes | str) -> T:
    """Return the dataclass in one line. Raises WireError if it is not one of this kind."""
    try:
        value = json.loads(line)
    except ValueError as error:
        raise WireError(f"not JSON: {error}") from None
    return read(kind, value)


def read(kind: type[T], value: object) -> T:
    """Return the dataclass that JSON has turned into a dictionary. Raises WireError."""
    reader: Any = _reader
    made: T = reader(kind)(value)
    return made


@cache
def field_readers(kind: type) -> dict[str, Reader]:
    """Return a function for each field of a dataclass that checks a value from JSON."""
    hints = get_type_hints(kind)
    return {field.name: _reader(hints[field.name]) for field in fields(kind)}


@cache
def _reader(hint: Any) -> Reader:
    """Return the function that checks a value from JSON and turns it into this type."""
    if is_dataclass(hint) and isinstance(hint, type):
        return _dataclass_reader(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _union_reader(tuple(_reader(argument) for argument in arguments))
    if origin is Literal:
        return _require(lambda value: value in arguments, hint)
    if origin in (list, tuple):
        read_one = _reader(arguments[0])
        check = _require(lambda value: isinstance(value, list), hint)
        return lambda value: origin(map(read_one, check(value)))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping_reader(hint)
    if hint is float:
        return _require(lambda value: type(value) in (int, float), hint)
    return _require(lambda value: type(value) is hint, hint)


def _dataclass_reader(kind: type) -> Reader:
    check = _require(lambda value: isinstance(value, dict), kind)

    def read_dataclass(value: Any) -> Any:
        readers = field_readers(kind)
        try:
            return kind(**{name: readers[name](one) for name, one in check(value).items()})
        except (KeyError, TypeError) as error:  # an unknown field, or one that is missing
            raise WireError(f"not a {kind.__name__}: {error}") from None

    return read_dataclass


def _union_reader(readers: tuple[Reader, ...]) -> Reader:
    def read_union(value: Any) -> Any:
        for reader in readers[:-1]:
            try:
                return reader(value)
            except WireError:
                continue
        return readers[-1](value)

    return read_union


def _mapping_reader(hint: Any) -> Reader:
    read_one = _reader(get_args(hint)[1])
    check = _require(lambda value: isinstance(value, dict), hint)
    return lambda value: {key: read_one(one) for key, one in check(value).items()}


def _require(holds: Callable[[Any], bool], hint: Any) -> Reader:
    def check(value: Any) -> Any:
        if not holds(value):
            raise WireError(f"not {hint}: {str(value)[:200]!r}")
        return value

    return check
