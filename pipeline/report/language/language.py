"""A language: says English texts in it, and writes numbers with its decimal sign."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from pipeline.report.language.catalogue import NUMBER, Catalogue, Template, catalogue
from pipeline.report.language.given import Given, Pieces, Subject, Unit

_POINT = re.compile(r"(?<![\d.])(\d[\d\u202f]*)\.(\d+)(?![\d.]*\.\d)")
"""The decimal point of a number; versions and dates have two."""
_NUMBER = re.compile(NUMBER)
_LETTER = re.compile(r"[^\W\d_]")
_LISTS = ("; ", ", ")
_LONGEST = 2000
"""Longer texts are not ours: they quote something from a file."""
_KEPT = 20_000
"""Texts that are remembered; then the memory starts again."""
_MOST_MISSING = 1000


@dataclass(frozen=True, eq=False)
class Language:
    """A language with its decimal sign; every text is looked up once and remembered."""

    code: str
    decimal: str
    missing: set[str] = field(default_factory=set)
    """Texts that the catalogue lacks; they were shown in English."""
    used: set[str] = field(default_factory=set)
    """English templates that were needed so far."""
    _said: dict[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """English with a decimal point: nothing to do."""
        return self.code == "en" and self.decimal == "."

    def say(self, text: str) -> str:
        """``text`` in this language; the laboratory's own text as it is.

        What comes back is :class:`Given`, so that saying it again changes nothing.
        """
        if self.plain or isinstance(text, Given):
            return text
        if isinstance(text, Pieces):
            return Given("".join(map(self.say, text.parts)))
        if isinstance(text, Subject | Unit):
            return Given(self._known(text, self._catalogue.room(text.room)) or self._numbers(text))
        return self._remembered(text)

    def put(self, template: str, **values: str) -> str:
        """A template of the catalogue with its places filled: text as it stands, numbers with their sign."""
        found = None if self.plain else self._catalogue.exact.get(template)
        if found is None and not self.plain:
            self._lacks(template)
        return Given(self._filled(found or Template(template, template), values))

    def number(self, text: str) -> str:
        """A printed number with the decimal sign of this language."""
        return text if self.decimal == "." else text.replace(".", self.decimal)

    @property
    def _catalogue(self) -> Catalogue:
        return catalogue(self.code)

    def _remembered(self, text: str) -> str:
        said = self._said.get(text)
        if said is None:
            if len(self._said) >= _KEPT:
                self._said.clear()
            said = self._said[text] = Given(self._new(text))
        return said

    def _new(self, text: str) -> str:
        if _LETTER.search(text) is None or _NUMBER.fullmatch(text):
            return self._numbers(text)
        known = self._known(text, self._catalogue) if len(text) <= _LONGEST else None
        if known is None:
            self._lacks(text)
        return text if known is None else known

    def _known(self, text: str, where: Catalogue) -> str | None:
        found = where.find(text)
        return None if found is None else self._filled(*found)

    def _filled(self, template: Template, values: object) -> str:
        self.used.add(template.english)
        kinds = template.kinds
        assert isinstance(values, dict)  # noqa: S101 - for the type checker
        return template.fill({name: self._place(kinds[name], value) for name, value in values.items()})

    def _place(self, kind: str, value: str) -> str:
        match kind:
            case "n":
                return self.number(value)
            case "t":
                return self.say(value)
            case "l":
                return self._list(value)
            case "s":
                return self.say(Subject(value))
            case _:
                return value

    def _list(self, text: str) -> str:
        """A list part by part; a text of the catalogue with a comma in it stays one text."""
        if (known := self._known(text, self._catalogue)) is not None:
            return known
        for separator in _LISTS:
            if separator in text:
                return separator.join(map(self._list, text.split(separator)))
        return self.say(text)

    def _numbers(self, text: str) -> str:
        return text if self.decimal == "." else _POINT.sub(rf"\1{self.decimal}\2", text)

    def _lacks(self, text: str) -> None:
        if len(self.missing) < _MOST_MISSING:
            self.missing.add(str(text))


@cache
def language(code: str, decimal: str) -> Language:
    """The one language of this code and decimal sign."""
    return Language(code, decimal)


ENGLISH: Final = language("en", ".")
