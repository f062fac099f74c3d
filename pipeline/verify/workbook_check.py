"""Was a workbook changed since it was written? Values and looks against the record, or by fingerprints.

The workbook comes from outside: a child process with limits opens it, after the checks of its container.
"""

from __future__ import annotations

import atexit
import io
import warnings
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils import get_column_letter

from pipeline.domain.record import RunRecord
from pipeline.errors import InputError
from pipeline.guarded.child import Guard
from pipeline.report.excel.fingerprint import (
    LOOK_MARK,
    MARK,
    RUN_MARK,
    SUMMARY_TITLE,
    Cells,
    CellValue,
    cells_of,
    content,
    digest,
    look_digest,
)
from pipeline.report.excel.shown import CellLooks, SheetLook, looks_of
from pipeline.report.excel.workbook import compose
from pipeline.report.words.text import short, visible
from pipeline.tables.container import check_container, damaged
from pipeline.verify.shown_changes import look_changes
from pipeline.verify.shown_file import look_of_sheet

_SHOWN = 80
"""Characters of a value in a message."""
_LINES = ("row", "column")
"""How the place of a change begins where everything behind it moved."""
_Line = tuple["CellValue | None", ...]


@dataclass(frozen=True, slots=True)
class CellChange:
    """One difference; ``cell`` is ``B7``, ``row 7``, ``column B``, or empty where it is the whole sheet."""

    sheet: str
    cell: str
    found: CellValue | None
    """None where nothing is."""
    expected: CellValue | None


@dataclass(frozen=True, slots=True)
class FoundWorkbook:
    """What a workbook holds: cells by sheet, and the marks it was written with."""

    sheets: Mapping[str, Cells]
    looks: Mapping[str, SheetLook]
    mark: str | None
    look_mark: str | None
    """None for a workbook of a version that did not write it."""
    run: str | None
    is_summary: bool
    """It says that it is a batch summary."""

    @property
    def fits_its_mark(self) -> bool:
        """Its cells have the fingerprint that it was written with."""
        return self.mark == digest(self.sheets)

    @property
    def looks_as_marked(self) -> bool:
        """It shows them as it was written to; so does one without a mark of that."""
        return self.look_mark in (None, look_digest(self.looks))


def differences(found: FoundWorkbook, record: RunRecord) -> list[CellChange]:
    """Every cell, row, column and sheet that differs from what the record says."""
    return _differences(found, compose(record))


def all_changes(found: FoundWorkbook, record: RunRecord) -> list[str]:
    """One line for each difference of a value, then for each of how values are shown."""
    book = compose(record)
    changes = _differences(found, book)
    moved = {change.sheet for change in changes if change.cell.startswith(_LINES)}
    looks = (line for look in looks_of(book).items() for line in _look_lines(found, book, look, moved))
    return [*map(describe, changes), *looks]


def _differences(found: FoundWorkbook, book: Workbook) -> list[CellChange]:
    expected = {sheet.title: cells_of(book, sheet.title) for sheet in book.worksheets}
    return [
        change
        for title in dict.fromkeys([*expected, *found.sheets])
        for change in _sheet(title, found.sheets.get(title), expected.get(title))
    ]


def _look_lines(
    found: FoundWorkbook, book: Workbook, look: tuple[str, SheetLook], moved: Collection[str]
) -> Iterator[str]:
    """How a sheet that is still there shows the values that are still what they were."""
    title, expected = look
    if title in found.looks:
        cells, written = found.sheets[title], cells_of(book, title)
        same = [place for place, value in written.items() if cells.get(place) == value]
        yield from look_changes(title, found.looks[title], expected, None if title in moved else same)


def read_guarded_workbook(data: bytes, name: str) -> FoundWorkbook:
    """Read the cells in a child process with limits of time and memory.

    Raises:
        InputError: the file is no workbook, or not safe to open.
    """
    try:
        found: FoundWorkbook = _reader.do(read_found, data, name)
    except InputError as error:
        raise error.in_file(name) from error
    return found


def read_found(data: bytes, _name: str) -> FoundWorkbook:
    """Read the cells here; formulas count as changes, so they may stand in the file.

    Raises:
        InputError: the file is no workbook, or not safe to open.
    """
    check_container(data, formulas=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about parts that openpyxl leaves out, such as drawings
            book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return _found(book, archive)
    except MemoryError:
        raise
    except Exception as error:  # openpyxl raises dozens of types for a damaged file
        raise damaged("this is not a workbook that can be read, or it is damaged") from error


def _found(book: Workbook, archive: zipfile.ZipFile) -> FoundWorkbook:
    cells: dict[str, Cells] = {}
    looks: dict[str, SheetLook] = {}
    cell_looks = CellLooks()
    sheets: list[Any] = book.worksheets  # openpyxl says Worksheet of what is a read-only one
    for sheet in sheets:
        full = list(_full(sheet))
        cells[sheet.title] = {(cell.row, cell.column): content(cell) for cell in full}
        seen = {(cell.row, cell.column): cell_looks.of(cell) for cell in full}
        path = sheet._worksheet_path  # noqa: SLF001 - the name of its part
        looks[sheet.title] = look_of_sheet(archive, path, sheet.sheet_state, seen)
    mark, look_mark, run = (_property(book, name) for name in (MARK, LOOK_MARK, RUN_MARK))
    return FoundWorkbook(cells, looks, mark, look_mark, run, book.properties.title == SUMMARY_TITLE)


def _full(sheet: Any) -> Iterator[ReadOnlyCell]:  # noqa: ANN401 - as above
    """Cells that hold something; the sheet's own word on its size could be a lie, and is not asked."""
    sheet.reset_dimensions()
    yield from (cell for line in sheet.iter_rows() for cell in line if cell.value not in (None, ""))


def _property(book: Workbook, name: str) -> str | None:
    every = book.custom_doc_props.props  # type: ignore[attr-defined]  # not in the stubs
    found = [each.value for each in every if each.name == name]
    return str(found[0]) if found else None


def _sheet(title: str, found: Cells | None, expected: Cells | None) -> Iterator[CellChange]:
    if found is None:
        yield CellChange(title, "", None, "a sheet of the workbook")
    elif expected is None:
        yield CellChange(title, "", "a sheet that was added", None)
    elif found != expected:
        yield from _cells(title, found, expected)


def _cells(title: str, found: Cells, expected: Cells) -> Iterator[CellChange]:
    """Columns first, so that an added one is named once and not with every cell behind it."""
    ours, theirs = _columns(expected), _columns(found)
    aligned: list[_Line] = []
    for at, there, mine in _pairs(theirs, ours):
        if mine is not None:
            aligned.append(there or (None,) * len(mine))
        if there is None or mine is None:
            yield from _line(title, f"column {get_column_letter(at)}", there, mine)
            if mine is not None:
                aligned[-1] = mine  # named already
    yield from _rows(title, _turned(aligned), _turned(ours))


def _rows(title: str, found: Sequence[_Line], expected: Sequence[_Line]) -> Iterator[CellChange]:
    for at, there, mine in _pairs(found, expected):
        if there is None or mine is None:
            yield from _line(title, f"row {at}", there, mine)
            continue
        for column, (value, wanted) in enumerate(zip_longest(there, mine), start=1):
            if value != wanted or type(value) is not type(wanted):
                yield CellChange(title, f"{get_column_letter(column)}{at}", value, wanted)


def _line(title: str, place: str, found: _Line | None, expected: _Line | None) -> Iterator[CellChange]:
    """A row or column that was added or is gone; an empty one is not worth a word."""
    values = [value for value in found or expected or () if value is not None]
    if values:
        words = ", ".join(map(str, values))
        yield CellChange(title, place, *((words, None) if expected is None else (None, words)))


def _columns(cells: Cells) -> list[_Line]:
    """The columns of a sheet from the first to the last that holds something, all of one length."""
    height = max((row for row, _ in cells), default=0)
    width = max((column for _, column in cells), default=0)
    return [tuple(cells.get((row, column)) for row in range(1, height + 1)) for column in range(1, width + 1)]


def _turned(lines: Sequence[_Line]) -> list[_Line]:
    return list(zip_longest(*lines))


def _pairs(
    found: Sequence[_Line], expected: Sequence[_Line]
) -> Iterator[tuple[int, _Line | None, _Line | None]]:
    """(place, found, expected) line by line; where the numbers of lines differ, alike lines are paired."""
    if len(found) == len(expected):
        yield from ((at, *pair) for at, pair in enumerate(zip(found, expected, strict=True), start=1))
        return
    steps = SequenceMatcher(None, found, expected, autojunk=False).get_opcodes()
    for _, start, end, first, last in steps:
        pairs = zip_longest(found[start:end], expected[first:last])
        for number, (there, mine) in enumerate(pairs):
            yield (start if there is not None else first) + number + 1, there, mine


def describe(change: CellChange) -> str:
    """One difference in words."""
    place = f"sheet '{visible(change.sheet)}'" + (f", {change.cell}" if change.cell else "")
    if change.found is None:
        return f"{place}: missing: {_shown(change.expected)}"
    if change.expected is None:
        return f"{place}: added: {_shown(change.found)}"
    if type(change.found) is not type(change.expected):
        return f"{place}: {_typed(change.found)}, written as {_typed(change.expected)}"
    return f"{place}: {_shown(change.found)}, written as {_shown(change.expected)}"


def _typed(value: CellValue | None) -> str:
    """With the type: ``the text 7412.9`` beside ``the number 7412.9``."""
    names = {str: "text", float: "number", bool: "truth value"}
    return f"the {names.get(type(value), 'value')} {_shown(value)}"


def _shown(value: CellValue | None) -> str:
    return short(visible(value if isinstance(value, str) else f"{value:.15g}"), _SHOWN)


_reader = Guard()
atexit.register(_reader.stop)
