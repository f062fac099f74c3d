"""The templates of all pages: escaped, everything visible, in one language."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from pipeline.report.language import ENGLISH, Language
from pipeline.report.tables.spoken import shown_in
from pipeline.report.words.breaks import breakable
from pipeline.report.words.text import short, unbroken, visible
from pipeline.report.words.tones import Format, Value, Word, show

TEMPLATES = Path(__file__).parent / "templates"
_UNBROKEN, _UNBROKEN_WORD = 22, 36
_LONGEST, _LONGEST_IN_COLUMN = 600, 120
"""Characters of a text on the page; the record holds all of it."""


@cache
def template(name: str, language: Language = ENGLISH) -> Template:
    """A template of this package with the filters and tests of its pieces, in one language."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.globals.update(language=language, say=partial(_said, language), put=language.put, zip=zip)
    environment.filters |= {
        "show": partial(shown_in, language),
        "say": language.say,
        "cell": partial(_cell, language),
    }
    environment.filters |= {"say": language.say}
    environment.filters |= {"clip": _clip, "unbroken": unbroken, "breakable": breakable, "clock": _clock}
    environment.tests |= {"word": _is_word, "right": _right_aligned, "brief": _brief}
    return environment.get_template(name)


def _shown(value: object) -> object:
    """Every text on its way into a page: no name hides a sign; what a template itself made is left alone."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _said(language: Language, text: str) -> Markup:
    """A text of a template in the language of the page; it is ours, so its quotes stand as they are."""
    return Markup(language.say(text))  # noqa: S704 - texts of the program alone


def _clip(text: str, length: int = _LONGEST) -> str:
    return unbroken(short(text, length))


def _cell(language: Language, value: Value, form: Format) -> Markup:
    """A value in its cell: a word in its tone, all else as text."""
    if isinstance(value, Word):
        return Markup('<span class="tag {}">{}</span>').format(value.tone.name, visible(value.marked))
    longest = _LONGEST if form.numeric or form is Format.PROSE else _LONGEST_IN_COLUMN
    return escape(visible(_clip(shown_in(language, value, form), longest)))


def _clock(iso: str) -> str:
    """``2026-02-17T09:14:03+01:00`` as ``2026-02-17 09:14:03``."""
    return iso[:19].replace("T", " ")


def _is_word(value: Value) -> bool:
    return isinstance(value, Word)


def _right_aligned(form: Format) -> bool:
    return form.numeric


def _brief(value: Value) -> bool:
    """Ids, codes and class names stay on one line; only longer text is broken."""
    most = _UNBROKEN_WORD if isinstance(value, Word) else _UNBROKEN
    return value is not None and len(show(value)) <= most
