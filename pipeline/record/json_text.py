"""The text of ``results.json``: a record is written in one walk, as ``json`` would with an indent of one.

With an indent ``json`` goes through Python generators, one inside another, and knows no records.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, is_dataclass
from enum import Enum
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, TypeAlias

from pipeline.domain.message import Message

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

RecordPath: TypeAlias = tuple["RecordPath", "str | int"] | None
"""Where a value stands: where that it is part of stands, and its name or number there."""


@dataclass(frozen=True, slots=True)
class JsonText:
    """Writes the parts of one record, and keeps the messages that it met."""

    messages: dict[str, Message] = field(default_factory=dict)
    """Text -> the message that has values, in the order of the record."""

    def of(self, members: Iterable[tuple[str, object]]) -> str:
        """The members of one object, as they stand inside its braces.

        Raises:
            ValueError: for NaN or infinity, naming the place.
            TypeError: for a value that JSON cannot hold, naming the place.
        """
        return ",\n ".join(self._member(name, value, None, "\n ") for name, value in members)

    def _member(self, name: str, value: object, place: RecordPath, margin: str) -> str:
        return f"{encode_basestring(name)}: {self._value(value, (place, name), margin)}"

    def _value(self, value: object, place: RecordPath, margin: str) -> str:
        if isinstance(value, str):
            return self._words(value)
        if value is None:
            return "null"
        if isinstance(value, float):
            return _finite(value, place)
        if isinstance(value, int):
            return str(value).lower()
        if isinstance(value, tuple | list):
            inner = margin + " "
            items = [self._value(item, (place, n), inner) for n, item in enumerate(value)]
            return f"[{inner}{f',{inner}'.join(items)}{margin}]" if items else "[]"
        return self._object(value, place, margin)

    def _words(self, value: str) -> str:
        if isinstance(value, Message) and value.values:
            self.messages[str(value)] = value
        return encode_basestring(value.value if isinstance(value, Enum) else value)

    def _object(self, value: object, place: RecordPath, margin: str) -> str:
        inner = margin + " "
        if isinstance(value, Mapping):
            pairs = ((_key(key, place), _of_file(item)) for key, item in value.items())
            parts = [self._member(key, item, place, inner) for key, item in pairs]
        elif is_dataclass(value) and not isinstance(value, type):
            names = names_of(value)
            parts = [self._member(name, getattr(value, name), place, inner) for name in names]
        else:
            msg = f"{_shown(place)} is a {type(value).__name__}, which JSON cannot hold"
            raise TypeError(msg)
        return f"{{{inner}{f',{inner}'.join(parts)}{margin}}}" if parts else "{}"


def names_of(part: DataclassInstance) -> Mapping[str, object]:
    """Names of the fields of a part of a record, as keys; such classes have no class variables."""
    return part.__dataclass_fields__


def _of_file(item: object) -> object:
    """What an export says of itself is said in no other language."""
    return str(item) if isinstance(item, Message) else item


def _finite(value: float, place: RecordPath) -> str:
    if not math.isfinite(value):
        msg = f"{_shown(place)} is {value}: a record holds finite numbers or null"
        raise ValueError(msg)
    return float.__repr__(value)


def _key(key: object, place: RecordPath) -> str:
    if not isinstance(key, str):
        msg = f"{_shown(place)} has the key {key!r}; keys of a record are text"
        raise TypeError(msg)
    return key


def _shown(place: RecordPath) -> str:
    """``samples[1].titer.value``."""
    if place is None:
        return ""
    whole, part = place
    return f"{_shown(whole)}[{part}]" if isinstance(part, int) else f"{_shown(whole)}.{part}".lstrip(".")
