"""Excel workbooks from strangers: capped before they are opened, read without formulas or active content."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TypeAlias

import openpyxl
from defusedxml.common import DefusedXmlException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.formula import ArrayFormula

from pipeline.errors import InputError

Cell: TypeAlias = "str | int | float | bool | datetime | date | time | None"

MAX_FILE_BYTES = 20_000_000
MAX_MEMBERS = 1_000
MAX_INFLATED_BYTES = 200_000_000
MAX_RATIO = 200
MAX_SHEETS, MAX_ROWS, MAX_COLUMNS = 50, 20_000, 500
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
_ACTIVE = ("vbaproject.bin", "externallinks/", "embeddings/", "activex/")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FORMULA_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>",
    re.ASCII,
)
"""A cell with a formula and no stored result; an empty text (``t="str"``) is a result."""
_ADDRESS = re.compile(rb'\br="([A-Z]+\d+)"', re.ASCII)
_SHEET_ENTRY = re.compile(rb"<(?:\w+:)?sheet\s", re.ASCII)
_DAMAGED = "Open the file in Excel, save it again, or export the plate again."


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: rows from line 1, cells from column A."""

    name: str
    rows: list[list[Cell]]


@lru_cache(maxsize=2)  # recognising a file and reading it look at the same workbook
def read_workbook(data: bytes, *, formulas: bool = False) -> list[Sheet]:
    """Read all worksheets of an ``.xlsx`` file.

    Args:
        data: the file's bytes.
        formulas: give a formula as its text (``=A1``) instead of the value that Excel kept.

    Raises:
        InputError: for whatever is too big, damaged, active or unsafe. Nothing is ever truncated.
    """
    if not openpyxl.DEFUSEDXML:
        raise RuntimeError("defusedxml is not installed: workbooks cannot be read safely")
    _check_container(data, formulas=formulas)
    try:
        return _read(data, formulas=formulas)
    except DefusedXmlException as error:
        raise InputError(
            "UNSAFE_XML", "the workbook holds XML that could harm this computer", action=_DAMAGED
        ) from error
    except InputError:
        raise
    except Exception as error:  # openpyxl raises dozens of types for a damaged file
        raise InputError(
            "XLSX_DAMAGED", "this is not a workbook that can be read, or it is damaged", action=_DAMAGED
        ) from error


def _check_container(data: bytes, *, formulas: bool) -> None:
    if data.startswith(OLE2):
        raise _binary_workbook(locked=_ENCRYPTED in data)
    if len(data) > MAX_FILE_BYTES:
        raise InputError("FILE_TOO_LARGE", "the workbook is too large", found=f"{len(data):,} bytes")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise InputError("XLSX_DAMAGED", "the workbook is cut off or damaged", action=_DAMAGED) from error
    with archive:
        _check_members(archive.infolist())
        _check_inflated(archive)
        if not formulas:
            _check_formulas(archive)


def _binary_workbook(*, locked: bool) -> InputError:
    """Excel 97 files and encrypted workbooks have the same first bytes."""
    return InputError(
        "PASSWORD_PROTECTED" if locked else "XLS_OLD",
        "the workbook has a password" if locked else "this is a workbook in the old binary .xls form",
        action="Open it in Excel and save it as .xlsx without a password.",
    )


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    declared = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    if len(members) > MAX_MEMBERS or declared > MAX_INFLATED_BYTES or declared / packed > MAX_RATIO:
        raise _too_big(f"{len(members)} parts, {declared:,} bytes inside")
    for member in members:
        name = member.filename.lower().replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name:
            raise InputError("UNSAFE_PATH", "the workbook holds a part with an unsafe name", found=name)
        if any(sign in name for sign in _ACTIVE):
            raise InputError(
                "ACTIVE_CONTENT",
                "the workbook holds macros, links to other files or embedded objects",
                found=name,
                action="Save it as a plain .xlsx without macros and links.",
            )


def _check_inflated(archive: zipfile.ZipFile) -> None:
    """A header can lie about sizes; count what really comes out."""
    total = 0
    for member in archive.infolist():
        try:
            with archive.open(member) as part:
                while chunk := part.read(1 << 20):
                    total += len(chunk)
                    if total > MAX_INFLATED_BYTES:
                        raise _too_big(f"more than {total:,} bytes inside")
        except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError) as error:
            raise InputError(
                "XLSX_DAMAGED", "a part of the workbook is damaged", found=member.filename, action=_DAMAGED
            ) from error


def _check_formulas(archive: zipfile.ZipFile) -> None:
    """A formula whose result was never stored would read as an empty cell."""
    for member in archive.namelist():
        if member.startswith("xl/worksheets/") and member.endswith(".xml"):
            cells = _uncalculated(archive.read(member))
            if cells:
                raise InputError(
                    "FORMULA_WITHOUT_VALUE",
                    "cells hold formulas without their results",
                    place=f"{PurePosixPath(member).stem}, {_some(cells)}",
                    action="Open the file in Excel and save it, or export the plate again.",
                )


def _uncalculated(sheet: bytes) -> list[str]:
    cells = []
    for match in _FORMULA_CELL.finditer(sheet):
        address = _ADDRESS.search(match[1])
        if address is not None and not (match[2] and b't="str"' in match[1]):
            cells.append(address[1].decode())
    return cells


def _some(cells: Sequence[str], most: int = 5) -> str:
    return ", ".join(cells[:most]) + (" ..." if len(cells) > most else "")


def _too_big(found: str) -> InputError:
    return InputError(
        "TOO_BIG_INSIDE",
        "the workbook is far larger inside than a plate export can be",
        found=found,
        expected=f"at most {MAX_SHEETS} sheets of {MAX_ROWS:,} rows and {MAX_COLUMNS} columns",
        action="Export the plate again; delete cells far outside the data.",
    )


def _read(data: bytes, *, formulas: bool) -> list[Sheet]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of drawings and styles, which are not read
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=not formulas, keep_links=False
        )
        try:
            _check_sheets(book.sheetnames, data)
            sheets = [_sheet(sheet) for sheet in book.worksheets]
        finally:
            book.close()
    if not any(sheet.rows for sheet in sheets):
        raise InputError("XLSX_DAMAGED", "the workbook's sheets are empty or missing", action=_DAMAGED)
    return sheets


def _check_sheets(names: Sequence[str], data: bytes) -> None:
    """A sheet whose part is missing from the container is left out by openpyxl without a word."""
    if len(names) > MAX_SHEETS:
        raise _too_big(f"{len(names)} sheets")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        listed = "xl/workbook.xml" in archive.namelist()
        declared = len(_SHEET_ENTRY.findall(archive.read("xl/workbook.xml"))) if listed else 0
    if len(names) < declared:
        raise InputError(
            "XLSX_DAMAGED",
            "the workbook names sheets that are not in it",
            found=f"{len(names)} sheets",
            expected=f"{declared} sheets",
            action=_DAMAGED,
        )


def _sheet(sheet: ReadOnlyWorksheet) -> Sheet:
    sheet.reset_dimensions()  # a declared size can be wrong in both directions
    rows: list[list[Cell]] = []
    for row in sheet.iter_rows(max_row=MAX_ROWS + 1, values_only=True):  # type: ignore[misc]
        cells = _trimmed(row)
        if len(rows) >= MAX_ROWS or len(cells) > MAX_COLUMNS:
            raise _too_big(f"sheet '{sheet.title}' reaches beyond row {MAX_ROWS} or column {MAX_COLUMNS}")
        rows.append(cells)
    while rows and not rows[-1]:
        rows.pop()
    return Sheet(sheet.title, rows)


def _trimmed(row: Sequence[object]) -> list[Cell]:
    """Without the empty cells on the right; an empty text is an empty cell."""
    cells = [_cell(value) for value in row]
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _cell(value: object) -> Cell:
    if value is None or value == "":
        return None
    if isinstance(value, str | int | float | datetime | date | time):
        return value
    if isinstance(value, ArrayFormula):
        return str(value.text)
    return str(value)  # a duration
