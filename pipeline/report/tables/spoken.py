"""The contents of a report in another language: the same rows and drawings, other words."""

from __future__ import annotations

from dataclasses import fields, replace
from enum import StrEnum
from typing import Any, TypeVar

from pipeline.report.language.language import Language
from pipeline.report.words.tones import Format, Value, Word, show

Thing = TypeVar("Thing")


class Spoken:
    """A dataclass whose texts are said in the language of the report."""

    __slots__ = ()


def spoken(language: Language, thing: Thing) -> Thing:
    """A text, a word, a list of them, or a dataclass that is :class:`Spoken`; all else is left alone."""
    said: Thing = thing if language.plain else _spoken(language, thing)
    return said


def _spoken(language: Language, thing: Any) -> Any:  # noqa: ANN401 - any part of a report
    match thing:
        case StrEnum():
            return thing
        case str():
            return language.say(thing)
        case tuple():
            return tuple(_spoken(language, part) for part in thing)
        case Word():
            return Word(language.say(thing.text), thing.tone)
        case Spoken():
            parts = {part.name: _spoken(language, getattr(thing, part.name)) for part in fields(thing)}  # type: ignore[arg-type]  # dataclasses all
            return replace(thing, **parts)  # type: ignore[type-var]
        case _:
            return thing


def shown_in(language: Language, value: Value, form: Format = Format.TEXT) -> str:
    """Print any cell, as ``tones.show`` does; a text is one that was said already."""
    text = show(value, form)
    if isinstance(value, bool):
        return language.say(text)
    return language.number(text) if isinstance(value, float | int) else text
