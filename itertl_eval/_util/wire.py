"""Dataclasses as lines of JSON between processes, checked where they arrive.

This is in the path of every sample, in processes that share their memory with a fork: few objects
are touched, because each memory page that is written to costs a page fault.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache, cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

_KEPT = 64
"""How many texts of a Kept dataclass a reader remembers."""

T = TypeVar("T")
Reader = Callable[[Any], Any]


def _plain(value: Any) -> Any:
    """Return what JSON can hold of a value."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, frozenset):
        return sorted(value)
    return value.wire_text if isinstance(value, Kept) else _facts(value)


def _facts(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass that do not have their default."""
    kind: type = type(value)
    defaults = _defaults(kind)
    # By type too: 30 is 30.0, but the hashes of what holds them differ.
    return {
        name: one
        for name, one in vars(value).items()
        if name not in defaults or one != defaults[name] or type(one) is not type(defaults[name])
    }


@cache
def _defaults(kind: type) -> dict[str, Any]:
    """Return the fields of a dataclass that its reader can fill in, with what they are then."""
    found = {each.name: each.default for each in fields(kind) if each.default is not MISSING}
    made = {each.name: each.default_factory for each in fields(kind)}
    return found | {name: make() for name, make in made.items() if make is not MISSING}


_encode = json.JSONEncoder(default=_plain).encode


class Kept:
    """A dataclass that many messages hold. It travels as a text; both ends remember what it is.

    Nobody may change what is in it.
    """

    @cached_property
    def wire_text(self) -> str:
        return _encode(_facts(self))


class WireError(ValueError):
    """A message that does not have the form that its reader expects."""


@dataclass(frozen=True)
class _Plan:
    """How to check the fields of a dataclass: those of simple types, and the others."""

    simple: dict[str, frozenset[type]]
    others: dict[str, Reader]


def dump(message: object) -> bytes:
    """Return a dataclass, or a mapping of JSON values, as one line.

    Of a dataclass the fields that have their default are left out.
    """
    return _encode(message).encode() + b"\n"


def load(kind: type[T], line: bytes | str) -> T:
    """Return the dataclass in one line. Raises WireError if it is not one of this kind."""
    try:
        value = json.loads(line)
    except ValueError as error:
        raise WireError(f"not JSON: {error}") from None
    return read(kind, value)


def read(kind: type[T], value: object) -> T:
    """Return the dataclass that JSON has turned into a dictionary. Raises WireError."""
    try:
        return kind(**read_fields(kind, value))
    except TypeError as error:  # a field is missing
        raise WireError(f"not a {kind.__name__}: {error}") from None


def read_fields(kind: type, value: object) -> dict[str, Any]:
    """Check some fields of a dataclass from JSON, and turn them into their types.

    Raises WireError for an unknown field, or a value of another type.
    """
    if type(value) is not dict:
        raise WireError(f"not fields of a {kind.__name__}: {str(value)[:200]!r}")
    plan = _plan(kind)
    simple, others = plan.simple, plan.others
    for name, one in value.items():
        if (allowed := simple.get(name)) is not None:
            if type(one) not in allowed:
                raise WireError(f"{kind.__name__}.{name} can't be {str(one)[:200]!r}")
        elif (reader := others.get(name)) is not None:
            value[name] = reader(one)
        else:
            raise WireError(f"{kind.__name__} has no field {name!r}")
    return value


def warm_up(*kinds: type) -> None:
    """Find out how to send and read these dataclasses, before the process forks."""
    for kind in kinds:
        _plan(kind)
        _defaults(kind)


@cache
def _plan(kind: type) -> _Plan:
    hints = get_type_hints(kind)
    readers = {field.name: hints[field.name] for field in fields(kind)}
    simple = {name: _types(hint) for name, hint in readers.items()}
    return _Plan(
        {name: found for name, found in simple.items() if found},
        {name: _reader(hint) for name, hint in readers.items() if not simple[name]},
    )


def _types(hint: Any) -> frozenset[type]:
    """Return the types that a value from JSON may have; nothing if types are not enough."""
    if get_origin(hint) in (Union, types.UnionType):
        found = [_types(argument) for argument in get_args(hint)]
        return frozenset().union(*found) if all(found) else frozenset()
    if hint is float:
        return frozenset({float, int})
    return frozenset({hint}) if hint in (bool, int, str, types.NoneType) else frozenset()


@cache
def _reader(hint: Any) -> Reader:
    """Return the function that checks a value from JSON and turns it into this type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        kind: type = hint
        if issubclass(kind, Kept):
            return _require_text(lru_cache(_KEPT)(partial(load, kind)))
        return lambda value: read(kind, value)
    if allowed := _types(hint):
        return _require(lambda value: type(value) in allowed, hint)
    if origin is Literal:
        return _require(lambda value: value in arguments, hint)
    if hint is Path:
        return _require_text(Path)
    if hint is bytes:
        return _require_text(lambda text: text.encode("latin-1"))
    if origin in (Union, types.UnionType) and arguments[1:] == (types.NoneType,):
        read_some = _reader(arguments[0])
        return lambda value: None if value is None else read_some(value)
    if origin is tuple and arguments[-1] is not Ellipsis:
        readers = [_reader(argument) for argument in arguments]
        check = _require(lambda value: type(value) is list and len(value) == len(readers), hint)
        return lambda value: tuple(
            read_one(one) for read_one, one in zip(readers, check(value), strict=True)
        )
    if origin in (list, tuple, frozenset):
        read_one = _reader(arguments[0])
        check = _require(lambda value: isinstance(value, list), hint)
        return lambda value: origin(map(read_one, check(value)))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        read_one = _reader(arguments[1])
        check = _require(lambda value: isinstance(value, dict), hint)
        return lambda value: {key: read_one(one) for key, one in check(value).items()}
    raise TypeError(f"no way to read {hint} from JSON")


def _require_text(read_text: Callable[[str], Any]) -> Reader:
    check = _require(lambda value: isinstance(value, str), str)
    return lambda value: read_text(check(value))


def _require(holds: Callable[[Any], bool], hint: Any) -> Reader:
    def check(value: Any) -> Any:
        if not holds(value):
            raise WireError(f"not {hint}: {str(value)[:200]!r}")
        return value

    return check
