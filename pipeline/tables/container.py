"""What may be inside an ``.xlsx`` file, checked before any library opens it, and what libraries pass over.

A workbook of 5 kB can ask for gigabytes, and a library can leave out a cell without a word: every check here
answers one of these. Nothing is ever truncated.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pipeline.domain.message import Message
from pipeline.errors import InputError

MAX_FILE_BYTES = 20_000_000
MAX_MEMBERS = 1_000
MAX_INFLATED_BYTES = 200_000_000
MAX_RATIO = 200
MAX_SHEETS, MAX_ROWS, MAX_COLUMNS = 50, 20_000, 500
DAMAGED = "Open the file in Excel, save it again, or export the plate again."

_ACTIVE = ("vbaproject.bin", "externallinks/", "embeddings/", "activex/")
_WIDEST_NAMES = 2
"""Column names have one or two letters up to ZZ, the 702nd."""
_FORMULA_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^<>]*)>\s*+<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*+"
    rb"(?:(<(?:\w+:)?v\s*+/>|<(?:\w+:)?v>\s*+</(?:\w+:)?v>)\s*+)?</(?:\w+:)?c>",
    re.ASCII,
)
"""A cell with a formula and no stored result; an empty text (``t="str"``) is a result.

Here and below no part of a pattern runs over the next ``<``, nor gives spaces back: a search takes a time in
proportion to the file, whatever is in it.
"""
_CELL = re.compile(rb"<(?:\w+:)?c\b([^<>]*)>", re.ASCII)
_IS_ERROR = re.compile(rb"\bt=[\"']e[\"']", re.ASCII)
_STORED = re.compile(rb"(?:(?!</?(?:\w+:)?c\b)[^v])*?<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>", re.ASCII)
_ADDRESS = re.compile(rb"\br=[\"']([A-Za-z]+)(\d+)[\"']", re.ASCII)
_FAR_ROW = re.compile(rb"\br\s*=\s*[\"'][A-Za-z]*(\d{5,})[\"']", re.ASCII)
_WIDE_COLUMN = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{2,})\d", re.ASCII)
_HIDDEN = re.compile(rb"<(?:\w+:)?(?:row|col)\b[^<>]*\bhidden=[\"'](?:1|true)[\"']", re.ASCII)
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.ASCII | re.IGNORECASE)
_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@dataclass(frozen=True, slots=True)
class Container:
    """What reading the cells alone would not show."""

    errors: dict[str, dict[tuple[int, int], str]]
    """Sheet name -> (line, column) from 0 -> an error of Excel such as ``#REF!``."""
    hidden: tuple[str, ...]
    """Names of sheets that are hidden or have hidden rows or columns."""


def check_container(data: bytes, *, formulas: bool = False) -> Container:
    """Check an ``.xlsx`` file and collect its error cells and hidden parts.

    Args:
        data: the file's bytes.
        formulas: accept formulas without stored results.

    Raises:
        InputError: for whatever is too big, damaged, active or unsafe.
    """
    if len(data) > MAX_FILE_BYTES:
        raise InputError(
            "FILE_TOO_LARGE", "the workbook is too large", found=Message("{n:n} bytes", n=f"{len(data):,}")
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise InputError("XLSX_DAMAGED", "the workbook is cut off or damaged", action=DAMAGED) from error
    with archive:
        _check_members(archive.infolist())
        parts = _inflated(archive)
    return _examined(parts, formulas=formulas)


def too_big(found: str) -> InputError:
    """Refuse a workbook that reaches far beyond a plate."""
    return InputError(
        "TOO_BIG_INSIDE",
        "the workbook is far larger inside than a plate export can be",
        found=found,
        expected=Message(
            "at most {n:n} sheets of {rows:n} rows and {columns:n} columns",
            n=MAX_SHEETS,
            rows=f"{MAX_ROWS:,}",
            columns=MAX_COLUMNS,
        ),
        action="Export the plate again; delete cells far outside the data.",
    )


def reaches_beyond(sheet: str) -> InputError:
    """Refuse a sheet with more rows or columns than any export has."""
    text = "sheet '{name}' reaches beyond row {n:n} or column {m:n}"
    return too_big(Message(text, name=sheet, n=MAX_ROWS, m=MAX_COLUMNS))


def damaged(what: str, found: str | None = None) -> InputError:
    """Refuse a workbook that cannot be read as it is."""
    return InputError("XLSX_DAMAGED", what, found=found, action=DAMAGED)


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    declared = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    if len(members) > MAX_MEMBERS or declared > MAX_INFLATED_BYTES or declared / packed > MAX_RATIO:
        raise too_big(Message("{n:n} parts, {m:n} bytes inside", n=len(members), m=f"{declared:,}"))
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


def _inflated(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """The XML parts; a header can lie about sizes, so what really comes out is counted."""
    total = 0
    parts: dict[str, bytes] = {}
    for member in archive.infolist():
        content = _content(archive, member, MAX_INFLATED_BYTES - total)
        total += len(content)
        if member.filename.endswith((".xml", ".rels")):
            parts[member.filename] = content
    return parts


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    try:
        with archive.open(member) as part:
            content = part.read(most + 1)
    except Exception as error:  # zipfile and zlib raise a dozen types for damaged parts
        raise damaged("a part of the workbook is damaged", member.filename) from error
    if len(content) > most:
        raise too_big(Message("more than {n:n} bytes inside", n=f"{MAX_INFLATED_BYTES:,}"))
    return content


def _examined(parts: dict[str, bytes], *, formulas: bool) -> Container:
    for name, part in parts.items():
        if _DECLARATION.search(part):
            raise InputError(
                "UNSAFE_XML",
                "the workbook holds XML that could harm this computer",
                found=Message("a document type declaration in {name}", name=name),
                action=DAMAGED,
            )
    errors: dict[str, dict[tuple[int, int], str]] = {}
    hidden: list[str] = []
    for sheet, path, is_hidden in _sheets(parts):
        part = parts[path]
        _check_reach(part)
        if not formulas:
            _check_formulas(part, sheet)
        errors[sheet] = dict(_error_cells(part))
        if is_hidden or _HIDDEN.search(part):
            hidden.append(sheet)
    return Container(errors, tuple(hidden))


def _sheets(parts: dict[str, bytes]) -> Iterator[tuple[str, str, bool]]:
    """(name, part, hidden) of each sheet that the workbook lists; a listed sheet without a part is damage."""
    book = next((name for name in parts if name.lower().endswith("workbook.xml")), None)
    if book is None:
        raise InputError(
            "FORMAT_UNKNOWN",
            "this is a zip archive or another document, not a workbook",
            expected="the export of the reader's software as text, CSV or XLSX",
        )
    folder = PurePosixPath(book).parent
    try:
        links = fromstring(parts.get(str(folder / "_rels" / "workbook.xml.rels"), b"<none/>"))
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        entries = [node for node in fromstring(parts[book]).iter() if node.tag.rpartition("}")[2] == "sheet"]
    except (ParseError, ValueError, LookupError, DefusedXmlException) as error:
        raise damaged("the workbook's list of sheets is damaged") from error
    if len(entries) > MAX_SHEETS:
        raise too_big(Message("{n:n} sheets", n=len(entries)))
    for entry in entries:
        target = targets.get(entry.get(f"{_OFFICE}id"), "")
        path = target.removeprefix("/") if target.startswith("/") else str(folder / target)
        if path not in parts:
            raise damaged("the workbook names a sheet that is not in it", entry.get("name"))
        if "worksheet" in path:
            yield entry.get("name", ""), path, entry.get("state", "visible") != "visible"


def _check_reach(part: bytes) -> None:
    """One cell far outside would ask for memory for all the cells before it."""
    far = next((n for n in _FAR_ROW.findall(part) if int(n[:9]) > MAX_ROWS), None)
    if far is not None:
        raise too_big(Message("a cell in row {row}", row=far[:9].decode()))
    for letters in set(_WIDE_COLUMN.findall(part)):
        if len(letters) > _WIDEST_NAMES or column_index(letters.decode()) >= MAX_COLUMNS:
            raise too_big(Message("a cell in column {column}", column=letters.decode()[:8].upper()))


def _check_formulas(part: bytes, sheet: str) -> None:
    """A formula whose result was never stored would read as an empty cell."""
    cells = []
    for match in _FORMULA_CELL.finditer(part):
        address = _ADDRESS.search(match[1])
        if address is not None and not (match[2] and b't="str"' in match[1]):
            cells.append((address[1] + address[2]).decode())
    if cells:
        raise InputError(
            "FORMULA_WITHOUT_VALUE",
            "cells hold formulas without their results",
            place=f"sheet '{sheet}', {_some(cells)}",
            action="Open the file in Excel and save it, or export the plate again.",
        )


def _error_cells(part: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    if b'"e"' not in part and b"'e'" not in part:
        return
    for cell in _CELL.finditer(part):
        stored = _STORED.match(part, cell.end()) if _IS_ERROR.search(cell[1]) else None
        address = _ADDRESS.search(cell[1])
        if stored is not None and address is not None:
            place = int(address[2][:9]) - 1, column_index(address[1].decode())
            yield place, stored[1].decode("utf-8", "replace")


def column_index(letters: str) -> int:
    """A -> 0, AA -> 26, as a spreadsheet names its columns."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def _some(cells: Sequence[str], most: int = 5) -> str:
    return ", ".join(cells[:most]) + (" ..." if len(cells) > most else "")
