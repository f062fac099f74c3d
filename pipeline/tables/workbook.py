"""Excel workbooks from strangers -> sheets of cells: ``.xlsx``, the old binary ``.xls``, Excel 2003 XML.

``.xlsx`` is read by calamine behind the checks of :mod:`pipeline.tables.container`, ``.xls`` by xlrd; the
choice and its trial are in ``docs/decisions/0006-excel-libraries.md``. Formulas are never evaluated.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from pipeline.domain.message import Message
from pipeline.errors import InputError
from pipeline.tables.container import (
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_ROWS,
    MAX_SHEETS,
    check_container,
    damaged,
    reaches_beyond,
    too_big,
)

if TYPE_CHECKING:
    import xlrd

Cell: TypeAlias = "str | int | float | bool | datetime | date | time | None"

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet, or a run of its lines."""

    name: str
    rows: list[list[Cell]]
    first_line: int = 1
    """Line of the first row, as the spreadsheet or editor counts it."""
    from_text: bool = False
    """In a text file a short line means a lost cell; in a workbook an empty one."""

    def part(self, start: int, end: int) -> Sheet:
        """Rows ``start`` up to ``end``, which keep their line numbers."""
        return Sheet(self.name, self.rows[start:end], self.first_line + start, self.from_text)


@dataclass(frozen=True, slots=True)
class Workbook:
    """All worksheets, and the names of those with hidden rows, columns or cells."""

    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...] = ()


@lru_cache(maxsize=2)  # recognising a file and reading it look at the same workbook
def open_workbook(data: bytes) -> Workbook:
    """Read every worksheet of an ``.xlsx`` or ``.xls`` file.

    Raises:
        InputError: for whatever is too big, damaged, active or unsafe. Nothing is ever truncated.
    """
    book = _open_old(data) if data.startswith(OLE2) else _open_new(data)
    if not any(sheet.rows for sheet in book.sheets):
        raise damaged("the workbook's sheets are empty or missing")
    return book


def read_workbook(data: bytes) -> list[Sheet]:
    """The worksheets of :func:`open_workbook`."""
    return list(open_workbook(data).sheets)


def _open_new(data: bytes) -> Workbook:
    import python_calamine  # noqa: PLC0415 - 5 ms that a text export need not pay

    container = check_container(data)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        grids = {
            meta.name: book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
            for meta in book.sheets_metadata
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        }
    except BaseException as error:  # a panic of the Rust library is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise damaged("this is not a workbook that can be read, or it is damaged") from error
    sheets = [
        _sheet(name, list(map(list, rows)), container.errors.get(name, {})) for name, rows in grids.items()
    ]
    return Workbook(tuple(sheets), container.hidden)


def _sheet(name: str, grid: list[list[object]], errors: dict[tuple[int, int], str]) -> Sheet:
    """Errors of Excel come back as empty cells from the library; here they are put in their places."""
    for (line, column), text in errors.items():
        while len(grid) <= line:
            grid.append([])
        grid[line].extend([None] * (column + 1 - len(grid[line])))
        grid[line][column] = text
    rows = [_trimmed(row) for row in grid]
    while rows and not rows[-1]:
        rows.pop()
    if len(rows) > MAX_ROWS or any(len(row) > MAX_COLUMNS for row in rows):
        raise reaches_beyond(name)
    return Sheet(name, rows)


def _trimmed(row: list[object]) -> list[Cell]:
    """Without the empty cells on the right; an empty text is an empty cell."""
    end = len(row)
    while end and (row[end - 1] == "" or row[end - 1] is None):
        end -= 1
    return [_cell(value) for value in row[:end]]


def _cell(value: object) -> Cell:
    if value == "" or value is None:
        return None
    if isinstance(value, str | int | float | datetime | date | time):
        return value
    return str(value)  # a duration


def _open_old(data: bytes) -> Workbook:
    import xlrd  # noqa: PLC0415 - only old files need it

    if len(data) > MAX_FILE_BYTES:
        raise InputError(
            "FILE_TOO_LARGE", "the workbook is too large", found=Message("{n:n} bytes", n=f"{len(data):,}")
        )
    if _ENCRYPTED in data:
        raise _locked()
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), ragged_rows=True)
        sheets = _old_sheets(book)
    except InputError:
        raise
    except Exception as error:  # xlrd raises dozens of types for a damaged file
        if "encrypted" in str(error).lower():
            raise _locked() from error
        raise damaged("this is not an .xls workbook that can be read, or it is damaged") from error
    hidden = tuple(sheet.name for sheet in book.sheets() if sheet.visibility)
    return Workbook(sheets, hidden)


def _old_sheets(book: xlrd.Book) -> tuple[Sheet, ...]:
    if book.nsheets > MAX_SHEETS:
        raise too_big(Message("{n:n} sheets", n=book.nsheets))
    return tuple(_old_sheet(sheet, book.datemode) for sheet in book.sheets())


def _locked() -> InputError:
    return InputError(
        "PASSWORD_PROTECTED",
        "the workbook has a password",
        action="Open it in Excel and save it without a password.",
    )


def _old_sheet(sheet: xlrd.sheet.Sheet, datemode: int) -> Sheet:
    if sheet.nrows > MAX_ROWS or sheet.ncols > MAX_COLUMNS:
        raise reaches_beyond(sheet.name)
    rows = []
    for line in range(sheet.nrows):
        pairs = zip(sheet.row_types(line), sheet.row_values(line), strict=True)
        rows.append(_trimmed([_old_cell(kind, value, datemode) for kind, value in pairs]))
    while rows and not rows[-1]:
        rows.pop()
    return Sheet(sheet.name, rows)


def _old_cell(kind: int, value: object, datemode: int) -> object:
    import xlrd  # noqa: PLC0415

    if kind == xlrd.XL_CELL_DATE:
        try:
            moment = xlrd.xldate.xldate_as_datetime(value, datemode)
        except (ValueError, OverflowError, TypeError):
            return str(value)
        return moment if moment.year > 1900 else moment.time()  # noqa: PLR2004 - a time without a day
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(value, "#N/A")
    return value
