"""``report.html``: the record as one self-contained page. No script, no outside file, prints on A4."""

from __future__ import annotations

from functools import cache, partial

from jinja2 import Template
from markupsafe import Markup

from pipeline.domain.record import RunRecord
from pipeline.report.drawing.charts import Scenes, scenes_of
from pipeline.report.first_page.contents import SIGNATURES, contents
from pipeline.report.language import ENGLISH, Language
from pipeline.report.page.environment import environment
from pipeline.report.tables.spoken import shown_in
from pipeline.report.words.text import short, unbroken
from pipeline.report.words.tones import TONES, Format, Value, Word, show

_UNBROKEN, _UNBROKEN_WORD = 20, 36
_LONGEST = 600
"""Characters of a text on the page; the record holds all of it."""


def page(record: RunRecord, scenes: Scenes | None = None) -> bytes:
    """The whole page, UTF-8.

    Args:
        record: of a finished run.
        scenes: its drawings, when another report has already made them.
    """
    said = contents(record, scenes or scenes_of(record))
    text = template("report.html.j2", said.language).render(
        run=record.run, said=said, signatures=SIGNATURES, tones=TONES
    )
    return text.encode("utf-8")


@cache
def template(name: str, language: Language = ENGLISH) -> Template:
    """A template of this package with the filters and tests of its pieces, in one language."""
    made = environment()
    made.filters["show"] = partial(shown_in, language)
    made.globals.update(language=language, say=partial(_said, language), put=language.put)
    made.filters |= {"clip": _clip, "unbroken": unbroken}
    made.tests["word"] = lambda value: isinstance(value, Word)
    made.tests["right"] = _right_aligned
    made.tests["brief"] = _brief
    return made.get_template(name)


def _said(language: Language, text: str) -> Markup:
    """A text of a template in the language of the page; it is ours, so its quotes stand as they are."""
    return Markup(language.say(text))  # noqa: S704 - texts of the program alone


def _clip(text: str, length: int = _LONGEST) -> str:
    return unbroken(short(text, length))


def _right_aligned(form: Format) -> bool:
    return form.numeric


def _brief(value: Value) -> bool:
    """Ids, codes and class names stay on one line; only longer text is broken."""
    most = _UNBROKEN_WORD if isinstance(value, Word) else _UNBROKEN
    return value is not None and len(show(value)) <= most
