"""The texts of a language: pairs of templates, read from one TOML file and made ready for looking up.

A template is text with places for what differs (:mod:`pipeline.domain.message`). Both templates of a pair
have the same places.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from pipeline.domain.message import PLACE

_FOLDER = Path(__file__).parent
_ENGLISH = "en"
_FULLEST = "de"
"""The language whose file names every English text."""
ALONE = frozenset({"subjects", "labels", "units"})
"""Rooms for texts that say where they belong; all others are looked up together."""


@dataclass(frozen=True)
class Template:
    """One pair: the English text, and the text in its place."""

    english: str
    other: str

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """Name of each place -> ``n``, ``t``, ``w``, or nothing for text shown as it stands."""
        return {name: kind for name, kind in PLACE.findall(self.english)}  # noqa: C416 - of pairs of Any

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """The English text between the places, first and last piece included, which may be empty."""
        return tuple(PLACE.split(self.english)[::3])

    def fill(self, values: Mapping[str, str]) -> str:
        """The other text with its places filled."""
        return PLACE.sub(lambda place: values[place[1]], self.other)


@dataclass(frozen=True)
class Catalogue:
    """All texts of a language."""

    rooms: Mapping[str, tuple[Template, ...]]

    @cached_property
    def exact(self) -> Mapping[str, Template]:
        """Every template by its English text."""
        return {one.english: one for one in self.all()}

    def all(self) -> Iterator[Template]:
        """The templates of a room, or of all rooms that are looked up together."""
        single = len(self.rooms) == 1
        for name, room in self.rooms.items():
            if single or name not in ALONE:
                yield from room

    def room(self, name: str) -> Catalogue:
        """One room alone."""
        return _room(self, name)

    def __hash__(self) -> int:
        """By identity: a catalogue is read once."""
        return id(self)


@cache
def _room(catalogue: Catalogue, name: str) -> Catalogue:
    return Catalogue({name: catalogue.rooms.get(name, ())})


@cache
def catalogue(code: str) -> Catalogue:
    """The texts of a language; English says each text as it is.

    Raises:
        FileNotFoundError: there is no such language.
    """
    file = _FOLDER / f"{_FULLEST if code == _ENGLISH else code}.toml"
    rooms = tomllib.loads(file.read_text(encoding="utf-8"))
    return Catalogue({name: tuple(_templates(room, code)) for name, room in rooms.items()})


def _templates(room: Mapping[str, str], code: str) -> Iterator[Template]:
    for english, other in room.items():
        yield Template(english, english if code == _ENGLISH else other)
