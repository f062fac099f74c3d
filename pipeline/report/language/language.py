"""A language: says English texts in it, and writes numbers with its decimal sign."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from pipeline.domain.message import Message
from pipeline.report.language.catalogue import Catalogue, Template, catalogue
from pipeline.report.language.given import Given, Label, Pieces, Subject, Unclosed, Unit
from pipeline.report.language.sentences import NUMBER, said_by_matching

_POINT = re.compile(r"(?<![\d.])(\d[\d\u202f]*)\.(\d+)(?![\d.]*\.\d)")
"""The decimal point of a number; versions and dates have two."""
_NUMBER = re.compile(NUMBER)
_LETTER = re.compile(r"[^\W\d_]")
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
    matched: set[str] = field(default_factory=set)
    """Sentences whose template had to be sought."""
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
        if isinstance(text, Unclosed):
            return Given(self.say(text.text).rstrip("."))
        if isinstance(text, Message):
            return Given(self._message(text))
        return self._remembered(str(text))

    def put(self, template: str, **values: str) -> str:
        """A template with its values, said at once."""
        return Given(self.say(Message(template, **values)))

    def constant(self, text: str) -> str | None:
        """A text without places, word for word; None where it is not there."""
        same = catalogue(self.code).exact.get(text)
        return None if same is None or same.kinds else same.other

    def known_in(self, room: str, text: str) -> str | None:
        """A text of one room alone; None where it is not there."""
        where = catalogue(self.code).room(room)
        if isinstance(text, Message):
            template = where.exact.get(text.template)
            return None if template is None else self._filled(template, text.values)
        return self._sought(text, where)

    def number(self, text: str) -> str:
        """A printed number with the decimal sign of this language."""
        return text if self.decimal == "." else text.replace(".", self.decimal)

    def _message(self, text: Message) -> str:
        """By its template; one without words needs none, and one that is not there stays English."""
        template = catalogue(self.code).exact.get(text.template)
        if template is None:
            template = Template(text.template, text.template)
            if _LETTER.search("".join(template.literals)):
                self._lacks(text.template)
        return self._filled(template, text.values)

    def _remembered(self, text: str) -> str:
        said = self._said.get(text)
        if said is None:
            if len(self._said) >= _KEPT:
                self._said.clear()
            said = self._said[text] = Given(self._new(text))
        return said

    def _new(self, text: str) -> str:
        same = self.constant(text)
        if same is not None:
            return same
        if _LETTER.search(text) is None or _NUMBER.fullmatch(text):
            return text if self.decimal == "." else _POINT.sub(rf"\1{self.decimal}\2", text)
        known = self._sought(text, catalogue(self.code)) if len(text) <= _LONGEST else None
        if known is None:
            self._lacks(text)
        return text if known is None else known

    def _sought(self, text: str, where: Catalogue) -> str | None:
        same = where.exact.get(text)
        if same is not None and not same.kinds:
            return self._filled(same, {})
        known = said_by_matching(text, where, self._filled)
        if known is not None and len(self.matched) < _MOST_MISSING:
            self.matched.add(text)
        return known

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

    def _lacks(self, text: str) -> None:
        if len(self.missing) < _MOST_MISSING:
            self.missing.add(str(text))


@cache
def language(code: str, decimal: str) -> Language:
    """The one language of this code and decimal sign."""
    return Language(code, decimal)


ENGLISH: Final = language("en", ".")
