"""The texts of a language: pairs of templates, read from one TOML file and made ready for looking up.

A template is text with places for what differs: ``{name}`` is shown as it stands, ``{name:n}`` is a number
and gets the decimal sign, ``{name:t}`` is text of the catalogue itself, or a list of such texts, and
``{name:w}`` has neither comma nor semicolon, so that a list is not taken for one of its items. Both templates
of a pair have the same places.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from pipeline.domain.message import PLACE

NUMBER = r"[-+\u2212\u00b1]?\d[\d\u202f]*(?:\.\d+)?(?:e[-+\u2212]?\d+)?"
"""A number as our texts write it, with a decimal point."""

_STANDS = {"n": NUMBER, "w": "[^,;]+?"}
"""What may stand in a place of each kind; anything in all others."""

_FOLDER = Path(__file__).parent
_ENGLISH = "en"
_FULLEST = "de"
"""The language whose file names every English text."""
ALONE = frozenset({"subjects", "labels", "units", "refusals"})
"""Rooms for texts that say where they belong; all others are searched together."""


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

    @cached_property
    def key(self) -> str:
        """The longest piece: a text without it does not match."""
        return max(self.literals, key=len)

    @cached_property
    def weight(self) -> int:
        """Letters that are not in places; of two templates that match, the heavier one says more."""
        return sum(map(len, self.literals))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds what stands in the places."""
        parts = re.escape(self.literals[0])
        for (name, kind), literal in zip(PLACE.findall(self.english), self.literals[1:], strict=True):
            parts += f"(?P<{name}>{_STANDS.get(kind, '.+?')}){re.escape(literal)}"
        return re.compile(parts, re.DOTALL)

    def match(self, text: str) -> Mapping[str, str] | None:
        """What stands in the places of ``text``; None where it is another text."""
        if self.key not in text or not text.startswith(self.literals[0]):
            return None
        found = self.pattern.fullmatch(text) if text.endswith(self.literals[-1]) else None
        return None if found is None else found.groupdict()

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
        return {one.english: one for one in self._all()}

    @cached_property
    def open(self) -> tuple[Template, ...]:
        """The templates with places: those that begin with our words, then the others; each by weight."""
        return tuple(sorted((one for one in self._all() if one.kinds), key=_rank))

    def _all(self) -> Iterator[Template]:
        alone = len(self.rooms) == 1
        for name, room in self.rooms.items():
            if alone or name not in ALONE:
                yield from room

    def room(self, name: str) -> Catalogue:
        """One room alone."""
        return _room(self, name)

    def find(self, text: str) -> tuple[Template, Mapping[str, str]] | None:
        """The template of a text and what stands in its places."""
        same = self.exact.get(text)
        if same is not None and not same.kinds:
            return same, {}
        for one in self.open:
            found = one.match(text)
            if found is not None:
                return one, found
        return None

    def __hash__(self) -> int:
        """By identity: a catalogue is read once."""
        return id(self)


def _rank(one: Template) -> tuple[bool, int, int]:
    """What the lab typed can look like the rest of a text, but hardly like its beginning."""
    return not one.literals[0], -one.weight, list(one.kinds.values()).count("")


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
