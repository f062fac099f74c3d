"""A language: says English texts in it, and writes numbers with its decimal sign."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from pipeline.domain.message import Message
from pipeline.report.language.catalogue import NUMBER, Catalogue, Template, catalogue
from pipeline.report.language.given import Given, Label, Pieces, Subject, Unit

_POINT = re.compile(r"(?<![\d.])(\d[\d\u202f]*)\.(\d+)(?![\d.]*\.\d)")
"""The decimal point of a number; versions and dates have two."""
_NUMBER = re.compile(NUMBER)
_LETTER = re.compile(r"[^\W\d_]")
_BETWEEN, _BETWEEN_SHORT = "; ", ", "
"""Between the texts of a list; whole texts have semicolons between them, and seldom inside."""
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
        if isinstance(text, Subject | Unit | Label):
            return Given(self.known_in(text.room, text.text) or text)
        return Given(self._message(text, self._catalogue) or self._remembered(str(text)))

    def put(self, template: str, **values: str) -> str:
        """A template of the catalogue with its places filled: text as it stands, numbers with their sign."""
        found = None if self.plain else self._catalogue.exact.get(template)
        if found is None and not self.plain:
            self._lacks(template)
        return Given(self._filled(found or Template(template, template), values))

    def known_in(self, room: str, text: str) -> str | None:
        """A text of one room alone; None where it is not there."""
        where = self._catalogue.room(room)
        return self._message(text, where) or self._known(text, where)

    def number(self, text: str) -> str:
        """A printed number with the decimal sign of this language."""
        return text if self.decimal == "." else text.replace(".", self.decimal)

    @property
    def _catalogue(self) -> Catalogue:
        return catalogue(self.code)

    def _message(self, text: str, where: Catalogue) -> str | None:
        """A message by its template; None for other texts, and for a template that is not there."""
        if not isinstance(text, Message):
            return None
        template = where.exact.get(text.template) or Template(text.template, text.template)
        known = template.english in where.exact or not _LETTER.search("".join(template.literals))
        return self._filled(template, text.values) if known else None

    def _remembered(self, text: str) -> str:
        said = self._said.get(text)
        if said is None:
            if len(self._said) >= _KEPT:
                self._said.clear()
            said = self._said[text] = Given(self._new(text))
        return said

    def _new(self, text: str) -> str:
        if _LETTER.search(text) is None or _NUMBER.fullmatch(text):
            return self._exact(text) or self._numbers(text)
        if len(text) > _LONGEST:
            self._lacks(text)
            return text
        known = self._found(text)
        if known is None:
            self._lacks(text)
        return text if known is None else known

    def _found(self, text: str) -> str | None:
        """A text, or a list of texts."""
        whole = self._exact(text) or self._parts(text, _BETWEEN) or self._sentence(text)
        return whole or self._parts(text, _BETWEEN_SHORT)

    def _exact(self, text: str) -> str | None:
        same = self._catalogue.exact.get(text)
        return None if same is None or same.kinds else self._filled(same, {})

    def _parts(self, text: str, between: str) -> str | None:
        """A list of texts, each of which is known."""
        if between not in text:
            return None
        parts = [self._found(part) for part in text.split(between)]
        known = [part for part in parts if part is not None]
        return between.join(known) if len(known) == len(parts) else None

    def _sentence(self, text: str) -> str | None:
        """A text, or a sentence whose full stop went missing where more was added."""
        known = self._known(text, self._catalogue)
        if known is None and not text.endswith("."):
            closed = self._catalogue.exact.get(f"{text}.")
            known = None if closed is None else self._filled(closed, {}).rstrip(".")
        return known

    def _known(self, text: str, where: Catalogue) -> str | None:
        found = where.find(text)
        return None if found is None else self._filled(*found)

    def _filled(self, template: Template, values: Mapping[str, str]) -> str:
        kinds = template.kinds
        return template.fill({name: self._place(kinds[name], value) for name, value in values.items()})

    def _place(self, kind: str, value: str) -> str:
        match kind:
            case "n":
                return self.number(value)
            case "t":
                return self.say(value)
            case _:
                return value

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
