"""What a column is: heading, form, value. Samples, dilutions and runs declare each of theirs on one line.

CSV, workbook, page, PDF and data dictionary draw from these lines; nothing else lists columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Generic, TypeAlias, TypeVar

from pipeline.domain.message import Message, joined
from pipeline.domain.names import plain_spaces
from pipeline.domain.specificity import Interval
from pipeline.report.language import Given
from pipeline.report.tables.spoken import Spoken
from pipeline.report.words.tones import Format, Value, Word, as_date, show

JOINER = ";"
"""Between the codes of one cell of a CSV file."""
OPEN = "not bounded"
"""In place of an end of an interval that the data leave open."""

Plain: TypeAlias = str | float | bool | None
"""A value as the record holds it; None where the record has null."""

Row_contra = TypeVar("Row_contra", contravariant=True)
_ROOTS = {"": "record", "samples": "sample", "dilutions": "step"}
"""List of ``results.json`` -> what a row calls its item."""


@dataclass(frozen=True, slots=True)
class Column(Spoken):
    """A heading and how the values below it are printed."""

    heading: str
    form: Format


@dataclass(frozen=True, slots=True)
class Field(Column, Generic[Row_contra]):
    """A column that knows its value: what a sample, a dilution or a run has to tell."""

    value: Callable[[Row_contra], object]
    """As machines read it: text, number, truth, codes, or texts by their names; None where there is none."""
    name: str = ""
    """In CSV files, and in the views that pick fields."""
    meaning: str = ""
    """For the data dictionary; a field without one is in no CSV file."""
    unit: str = ""
    said: Callable[[Row_contra], object] | None = None
    """As people read it, where that differs."""
    form_among: Callable[[Sequence[Row_contra]], Format] | None = None
    """The form, where it depends on the rows of a table."""

    @property
    def place(self) -> str:
        """Where ``results.json`` holds the value; empty for what is decided from several."""
        return str(getattr(self.value, "place", ""))


@dataclass(frozen=True, slots=True)
class Table(Spoken):
    """Headed rows; every row has one cell for each column."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class At:
    """The value at a path of ``results.json``: ``samples[]`` is the sample of the row."""

    place: str
    turned: Callable[[Any], object] | None = None
    """What becomes of a value that is there."""
    unless: Callable[[Any], bool] | None = None
    """Rows that have none."""

    def __call__(self, row: object) -> object:
        """The value; None as soon as something on the way is None."""
        if self.unless is not None and self.unless(row):
            return None
        root, steps = _steps(self.place)
        found = getattr(row, root)
        for step in steps:
            if found is None:
                return None
            found = found[step] if isinstance(step, int) else getattr(found, step)
        return found if found is None or self.turned is None else self.turned(found)


@cache
def _steps(place: str) -> tuple[str, tuple[str | int, ...]]:
    """``samples[].titer.ci95[0]`` is the row's sample, then titer, ci95 and item 0."""
    lists, _, path = place.rpartition("[].")
    parts = path.replace("[", ".").replace("]", "").split(".")
    return _ROOTS[lists.rpartition(".")[2]], tuple(int(p) if p.isdigit() else p for p in parts)


def pick(fields: Iterable[Field[Row_contra]], names: str) -> tuple[Field[Row_contra], ...]:
    """A view: fields by their names, in its own order."""
    known = {field.name: field for field in fields}
    return tuple(known[name] for name in names.split())


def plain(field: Field[Row_contra], row: Row_contra) -> Plain:
    """The cell that machines read.

    Raises:
        TypeError: the value is nothing that a cell can hold.
    """
    found = field.value(row)
    if isinstance(found, Word):
        return found.text
    if isinstance(found, tuple):
        found = JOINER.join(found)
    if isinstance(found, str):  # a word of an enumeration becomes plain text
        return str(found) if field.form is Format.GIVEN else plain_spaces(str(found))
    if found is None or isinstance(found, bool | int | float):
        return found
    msg = f"{field.name} is a {type(found).__name__}, which no cell can hold"
    raise TypeError(msg)


def said(field: Field[Row_contra], row: Row_contra) -> Value:
    """The cell that people read; None where there is nothing to tell."""
    found = (field.said or field.value)(row)
    if isinstance(found, Mapping):
        found = joined("; ", (Message("{name:t}: {text:t}", name=n, text=t) for n, t in found.items()))
    if isinstance(found, tuple):
        found = joined(", ", found)
    if found is None or found == "":
        return None
    if field.form is Format.DATE:
        return as_date(str(found))
    if field.said is None and field.form in (Format.GIVEN, Format.CODE):
        return Given(found)
    assert isinstance(found, str | float | int | Word)  # noqa: S101 - what a field may say
    return found


def table_of(title: str, fields: Iterable[Field[Row_contra]], rows: Iterable[Row_contra]) -> Table:
    """One line a row, one column a field."""
    shown, lines = tuple(fields), tuple(rows)
    columns = (Column(field.heading, form_of(field, lines)) for field in shown)
    return make_table(title, columns, (tuple(said(field, row) for field in shown) for row in lines))


def without_empty(table: Table) -> Table:
    """The table without the columns in which no row has anything."""
    kept = [n for n in range(len(table.columns)) if any(row[n] is not None for row in table.rows)]
    rows = (tuple(row[n] for n in kept) for row in table.rows)
    return make_table(table.title, (table.columns[n] for n in kept), rows)


def form_of(field: Field[Row_contra], rows: Sequence[Row_contra]) -> Format:
    """How the values of some rows are printed."""
    return field.form if field.form_among is None else field.form_among(rows)


def make_table(title: str, columns: Iterable[Column], rows: Iterable[tuple[Value, ...]]) -> Table:
    """A table from anything that can be gone through once."""
    return Table(title, tuple(columns), tuple(rows))


def parse_columns(text: str) -> list[Column]:
    """``Sample; OD|od`` is two columns: a heading and, after a bar, the format."""
    parts = (part.strip().partition("|") for part in text.split(";"))
    return [Column(heading, Format(form or "text")) for heading, _, form in parts]


def interval(bounds: Interval | None) -> tuple[Value, Value]:
    """Two cells; ``not bounded`` where the data leave a side open, empty where there is no interval."""
    if bounds is None:
        return None, None
    low, high = bounds
    return OPEN if low is None else low, OPEN if high is None else high


def facts(fields: Iterable[Field[Row_contra]], row: Row_contra) -> tuple[tuple[str, str], ...]:
    """The fields that have something to tell as labels and texts; texts by names are a fact each."""
    return tuple(fact for field in fields for fact in _facts(field, row))


def _facts(field: Field[Row_contra], row: Row_contra) -> Iterator[tuple[str, str]]:
    found = (field.said or field.value)(row)
    if isinstance(found, Mapping):
        given = field.form is Format.GIVEN
        yield from ((Given(name), Given(text)) if given else (name, text) for name, text in found.items())
    elif (value := said(field, row)) is not None:
        yield field.heading, _fact(value, form_of(field, (row,)))


def _fact(value: Value, form: Format) -> str:
    if isinstance(value, str):
        return value
    shown = show(value, form)
    return f"1:{shown}" if form is Format.DILUTION else shown


def ends(  # noqa: PLR0913 - two columns on one line
    heading: str,
    form: Format,
    bounds: At,
    name: str,
    what: str = "",
    unit: str = "",
    *,
    percent: int = 95,
    form_among: Callable[[Sequence[Any]], Format] | None = None,
) -> tuple[Field[Any], Field[Any]]:
    """Both ends of an interval, ``name_low_95`` and ``name_high_95``; ``what`` it is an interval of."""
    sides = ("low", f"Lower end of {what}"), ("high", "Upper end of the same")
    made: list[Field[Any]] = [
        Field(
            f"{heading} {percent} % {side}".strip(),
            form,
            replace(bounds, place=f"{bounds.place}[{n}]"),
            f"{name}_{side}_{percent}",
            what and f"{meaning}; empty where the data leave that side open.",
            unit,
            partial(_end, bounds, n),
            form_among,
        )
        for n, (side, meaning) in enumerate(sides)
    ]
    return made[0], made[1]


def _end(bounds: At, n: int, row: object) -> Value:
    found = bounds(row)
    return interval((found[0], found[1]))[n] if isinstance(found, tuple) else None
