"""Was a workbook changed since it was written? Each cell against the record, or all cells by a fingerprint.

The workbook comes from outside: a child process with limits opens it, after the checks of its container.
"""

from __future__ import annotations

import atexit
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from pipeline.domain.record import RunRecord
from pipeline.guard import Guard
from pipeline.report.excel import compose
from pipeline.report.fingerprint import MARK, RUN_MARK, Cells, CellValue, cells_of, content, digest
from pipeline.report.text import short, visible
from pipeline.tables.container import check_container, damaged

_SHOWN = 80
"""Characters of a value in a message."""
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
    mark: str | None
    run: str | None

    @property
    def fits_its_mark(self) -> bool:
        """Its cells have the fingerprint that it was written with."""
        return self.mark == digest(self.sheets)


def changed_cells(xlsx: bytes, record: RunRecord) -> list[CellChange]:
    """Every cell, row, column and sheet that differs from what the record says.

    Raises:
        InputError: the file is no workbook, or not safe to open.
    """
    return differences(read_guarded_workbook(xlsx, "results.xlsx"), record)


def differences(found: FoundWorkbook, record: RunRecord) -> list[CellChange]:
    """The same for a workbook that was read already."""
    book = compose(record)
    expected = {sheet.title: cells_of(book, sheet.title) for sheet in book.worksheets}
    return [
        change
        for title in dict.fromkeys([*expected, *found.sheets])
        for change in _sheet(title, found.sheets.get(title), expected.get(title))
    ]


def read_guarded_workbook(data: bytes, name: str) -> FoundWorkbook:
    """Read the cells in a child process with limits of time and memory.

    Raises:
        InputError: the file is no workbook, or not safe to open.
    """
    found: FoundWorkbook = _reader.do(data, name)
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
            cells = {sheet.title: _read(sheet) for sheet in book.worksheets}
        return FoundWorkbook(cells, _property(book, MARK), _property(book, RUN_MARK))
    except MemoryError:
        raise
    except Exception as error:  # openpyxl raises dozens of types for a damaged file
        raise damaged("this is not a workbook that can be read, or it is damaged") from error


def _read(sheet: Any) -> Cells:  # noqa: ANN401 - openpyxl says Worksheet of what is a read-only one
    """Cells that hold something; the sheet's own word on its size could be a lie, and is not asked."""
    sheet.reset_dimensions()
    return {
        (cell.row, cell.column): content(cell)
        for line in sheet.iter_rows()
        for cell in line
        if cell.value not in (None, "")
    }


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
    return f"{place}: {_shown(change.found)}, written as {_shown(change.expected)}"


def _shown(value: CellValue | None) -> str:
    return short(visible(value if isinstance(value, str) else f"{value:.15g}"), _SHOWN)


_reader = Guard(read_found)
atexit.register(_reader.stop)
