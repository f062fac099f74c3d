"""The contents of a report in another language: the same rows and drawings, other words."""

from __future__ import annotations

from dataclasses import replace

from pipeline.report.language.language import Language
from pipeline.report.tables.columns import Table
from pipeline.report.words.tones import Format, Value, Word, show


def word_in(language: Language, word: Word) -> Word:
    """A word with its tone."""
    return word if language.plain else Word(language.say(word.text), word.tone)


def table_in(language: Language, table: Table) -> Table:
    """Title, headings and texts of a table; numbers stay numbers."""
    if language.plain:
        return table
    columns = tuple(replace(column, heading=language.say(column.heading)) for column in table.columns)
    rows = tuple(tuple(cell_in(language, value) for value in row) for row in table.rows)
    return Table(language.say(table.title), columns, rows)


def cell_in(language: Language, value: Value) -> Value:
    """One cell."""
    if isinstance(value, str):
        return language.say(value)
    return word_in(language, value) if isinstance(value, Word) else value


def pairs_in(language: Language, pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Labels and texts."""
    return tuple((language.say(label), language.say(text)) for label, text in pairs)


def shown_in(language: Language, value: Value, form: Format = Format.TEXT) -> str:
    """Print any cell, as ``tones.show`` does; a text is one that was said already."""
    text = show(value, form)
    if isinstance(value, bool):
        return language.say(text)
    return language.number(text) if isinstance(value, float | int) else text
