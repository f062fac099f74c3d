"""Any export -> sheets of cells. The one front door: bytes come in here, whatever they are.

A text file is one sheet without a name. Its cells stay text, so that decimal signs can be judged; cells of a
workbook are numbers, texts and dates as Excel keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pipeline.domain.message import Message
from pipeline.errors import InputError
from pipeline.tables.excel_xml import is_excel_xml, read_excel_xml
from pipeline.tables.text import decode, split_rows
from pipeline.tables.workbook import OLE2, ZIP, Sheet, open_workbook

MAX_TEXT_BYTES = 50_000_000
"""Largest text export that is read; a 721-point kinetic of 96 wells has 0.7 MB."""
_PICTURES_AND_DOCUMENTS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds, before anybody asks what it means."""

    form: str
    """``text``, ``xlsx``, ``xls`` or ``xml`` (Excel 2003)."""
    encoding: str
    """Of a text file, such as ``utf-16``; else the form again."""
    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...] = ()
    """Sheets with hidden rows or columns."""


@lru_cache(maxsize=2)  # recognising a file and reading it look at the same document
def open_document(data: bytes) -> Document:
    """Open a file by its content; its name decides nothing.

    Raises:
        InputError: for files that are neither text nor a readable workbook.
    """
    if data.startswith((ZIP, OLE2)):
        book = open_workbook(data)
        form = "xls" if data.startswith(OLE2) else "xlsx"
        return Document(form, form, book.sheets, book.hidden)
    if data.startswith(_PICTURES_AND_DOCUMENTS):
        raise InputError(
            "FORMAT_UNKNOWN",
            "this is a document, picture or archive, not a plate export",
            expected="the export of the reader's software as text, CSV or XLSX",
        )
    if len(data) > MAX_TEXT_BYTES:
        raise InputError(
            "FILE_TOO_LARGE",
            "the file is far larger than a plate export",
            found=Message("{n:n} bytes", n=f"{len(data):,}"),
            expected=Message("at most {n:n} bytes", n=f"{MAX_TEXT_BYTES:,}"),
        )
    if is_excel_xml(data):
        return Document("xml", "xml", tuple(read_excel_xml(data)))
    decoded = decode(data)
    rows = split_rows(decoded.text)
    return Document("text", decoded.encoding, (Sheet("", rows, from_text=True),))  # type: ignore[arg-type]
