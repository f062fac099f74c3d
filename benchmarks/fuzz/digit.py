"""A changed digit or sign of a well's value must show: in that well, and in no other.

Where a number is printed as often as raw wells have it, each of these places is a well's value for certain.
Where it is printed more often (a list and a matrix, a raw and a result table), its places are tried one after
the other, and as many of them must show as wells have the number.
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from pipeline.domain.plate import Export, Quantity, WellState
from pipeline.domain.wells import Well

from .check import ACCEPTED, DETAIL, Outcome, attempt
from .corpus import Source
from .excel import packed, sheets, unpacked
from .text import decoded, encoded

_POINT = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_EITHER = r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?"
_TOKENS = (
    re.compile(rf"(?<![^\s;,<>\"*]){_POINT}(?![^\s;,<>\"*])", re.ASCII),
    re.compile(rf"(?<![^\s;<>\"*]){_EITHER}(?![^\s;<>\"*])", re.ASCII),
)
"""Numbers between delimiters; with the comma as one of them, and as a decimal sign."""
_IN_SHEET = re.compile(rf"(?<=[<:][vt]>){_EITHER}(?=</)", re.ASCII)
_MOST_COPIES = 6
"""A number that is printed more often is not followed: each of its places costs a reading of the file."""

_PLAIN = re.compile(r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?\Z", re.ASCII)
_TYPED = "".join(map(chr, range(0x20, 0x7F))) + "\t\xb5\xb0\xb7"
_SAME = "the same number, written otherwise"

Key: TypeAlias = "tuple[int, int, Well]"
"""(plate, read, well), plates and reads counted from 0."""
Reading: TypeAlias = "tuple[float | None, WellState | None]"


@dataclass(frozen=True, slots=True)
class Place:
    """A number of a file: its part (empty for a text), where it stands there, and its text."""

    part: str
    start: int
    text: str

    @property
    def number(self) -> float:
        """The number, a comma read as the decimal sign."""
        return float(self.text.replace(",", "."))


Change: TypeAlias = "Callable[[Place, random.Random], str]"
"""A place and a source of chance -> another text for it."""


@dataclass(frozen=True, slots=True)
class Value:
    """A number of raw wells: how many have it, and every place where it is printed."""

    wells: int
    places: tuple[Place, ...]

    @property
    def is_certain(self) -> bool:
        """Is each of its places the value of a well?"""
        return self.wells == len(self.places)


@dataclass(frozen=True, slots=True)
class Followed:
    """An export as read, and the values whose places are known."""

    wells: Mapping[Key, Reading]
    values: Sequence[Value]


@lru_cache(maxsize=256)
def followed(source: Source) -> Followed:
    """Read the file and find where the values of its wells stand."""
    export, verdict, _, _ = attempt(source.data, source.name.rpartition("/")[2])
    if export is None or verdict != ACCEPTED:
        return Followed({}, ())
    raw = _raw_values(export)
    return Followed(wells_of(export), max((_values(places, raw) for places in _tokens(source.data)), key=len))


def flipped(source: Source, seed: int, *, sign: bool = False) -> tuple[Place, str, bytes]:
    """(place, new text, changed file): the change of a digit, or sign, that this seed makes."""
    value, chance = _chosen(source, seed)
    place = chance.choice(value.places)
    text = (_other_sign if sign else _other_number)(place, chance)
    return place, text, _changed(source.data, place, text)


def judged_digit(seed: int, source: Source) -> Outcome:
    """Change one digit and hold the new reading against the old one."""
    return _judged(seed, source, _other_number)


def judged_sign(seed: int, source: Source) -> Outcome:
    """Overwrite one character of a value with any other that can be typed, a delimiter too."""
    return _judged(seed, source, _other_sign)


def _judged(seed: int, source: Source, change: Change) -> Outcome:
    value, chance = _chosen(source, seed)
    if value.is_certain:
        return _judged_place(seed, source, chance.choice(value.places), chance, change)
    outcomes = [_judged_place(seed, source, place, chance, change) for place in value.places]
    if sum(outcome.fault is None for outcome in outcomes) >= value.wells:
        return dataclasses.replace(outcomes[0], verdict="shown at one of its places", fault=None)
    return next(outcome for outcome in outcomes if outcome.fault is not None)


def _chosen(source: Source, seed: int) -> tuple[Value, random.Random]:
    chance = random.Random(f"digit {seed} {source.name}")  # noqa: S311 - a choice that can be repeated
    return chance.choice(followed(source).values), chance


def _judged_place(seed: int, source: Source, place: Place, chance: random.Random, change: Change) -> Outcome:
    text = change(place, chance)
    export, verdict, cost, fault = attempt(_changed(source.data, place, text), source.name.rpartition("/")[2])
    if export is not None and fault is None:
        before, after = followed(source).wells, wells_of(export)
        verdict, fault = _compared(before, after, place, text)
    if fault is not None:
        reader = f"{export.reader}: " if export is not None else ""
        fault = f"{reader}{fault}{DETAIL}{place.text!r} became {text!r}"
    return Outcome(seed, source.name, verdict, cost, fault)


def wells_of(export: Export) -> dict[Key, Reading]:
    """Every well of every read with its value and state."""
    return {
        (p, r, well): (reading.values.get(well), reading.states.get(well))
        for p, plate in enumerate(export.plates)
        for r, reading in enumerate(plate.reads)
        for well in (*reading.values, *reading.states)
    }


def _compared(
    before: Mapping[Key, Reading], after: Mapping[Key, Reading], place: Place, text: str
) -> tuple[str, str | None]:
    """(verdict, fault) from the wells that differ."""
    number = _number(text)
    changed = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    if not changed:
        same = number == place.number
        return (_SAME, None) if same else (ACCEPTED, "a changed value changed nothing")
    if len(changed) > 1:
        return ACCEPTED, f"a changed value changed other wells too, {_size(len(changed))}"
    (key,) = changed
    (value, _), (new_value, new_state) = before.get(key, (None, None)), after.get(key, (None, None))
    if value != place.number:
        return ACCEPTED, "a changed value changed another well"
    if new_state is not None:
        return "shown as a state", None
    if new_value is None:
        return ACCEPTED, "a changed value lost its well"
    shown = new_value == number
    return ("shown as the new number", None) if shown else (ACCEPTED, "a changed value gave a third number")


def _number(text: str) -> float | None:
    """The number of a text by the plainest rules, else None."""
    stripped = text.strip(" \t\"'")
    return float(stripped.replace(",", ".")) if _PLAIN.match(stripped) else None


def _size(count: int) -> str:
    return "fewer than ten" if count < 10 else "ten or more"


def _raw_values(export: Export) -> Counter[float]:
    return Counter(
        value
        for plate in export.plates
        for reading in plate.reads
        if reading.quantity is Quantity.RAW
        for value in reading.values.values()
    )


def _values(places: Sequence[Place], raw: Mapping[float, int]) -> list[Value]:
    """Numbers that are printed at least as often as wells have them, and not much too often."""
    printed: dict[float, list[Place]] = {}
    for place in places:
        printed.setdefault(place.number, []).append(place)
    values = [Value(wells, tuple(printed.get(number, ()))) for number, wells in raw.items()]
    return [v for v in values if v.is_certain or v.wells < len(v.places) <= _MOST_COPIES]


def _tokens(data: bytes) -> Iterator[list[Place]]:
    """Numbers of a file, found in each way that is possible."""
    parts = unpacked(data) if data.startswith(b"PK") else None
    if parts is None:
        text, _ = decoded(data)
        for pattern in _TOKENS:
            yield [Place("", found.start(), found[0]) for found in pattern.finditer(text)]
        return
    yield [
        Place(name, found.start(), found[0])
        for name in sheets(parts)
        for found in _IN_SHEET.finditer(parts[name].decode("utf-8", "surrogateescape"))
    ]


def _other_number(place: Place, chance: random.Random) -> str:
    """The text with one other digit that makes another number of it."""
    while True:
        text = _with(place, chance, "0123456789")
        if _number(text) not in (None, place.number):
            return text


def _other_sign(place: Place, chance: random.Random) -> str:
    """The text with one other character at any of its places."""
    while True:
        text = _with(place, chance, _TYPED)
        if text != place.text:
            return text


def _with(place: Place, chance: random.Random, signs: str) -> str:
    at = chance.randrange(len(place.text))
    if signs.isdigit() and not place.text[at].isdigit():
        return place.text
    return place.text[:at] + chance.choice(signs) + place.text[at + 1 :]


def _changed(data: bytes, place: Place, text: str) -> bytes:
    parts = unpacked(data) if place.part else None
    if parts is None:
        whole, encoding = decoded(data)
        return encoded(_replaced(whole, place, text), encoding)
    xml = parts[place.part].decode("utf-8", "surrogateescape")
    parts[place.part] = _replaced(xml, place, text).encode("utf-8", "surrogateescape")
    return packed(parts)


def _replaced(whole: str, place: Place, text: str) -> str:
    return whole[: place.start] + text + whole[place.start + len(place.text) :]
