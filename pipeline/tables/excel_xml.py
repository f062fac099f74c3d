"""Excel 2003 XML (``.xml`` workbooks, also written by the SpectraMax iD readers) -> sheets of cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pipeline.domain.message import Message
from pipeline.errors import InputError
from pipeline.tables.container import MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, too_big
from pipeline.tables.workbook import Cell, Sheet

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
_SS = f"{{{NAMESPACE}}}"


def is_excel_xml(data: bytes) -> bool:
    """Does the file say in its first lines that it is an Excel 2003 workbook?"""
    head = data[:2000]
    return b"<" in head[:100] and NAMESPACE.encode() in head.replace(b"\x00", b"")


def read_excel_xml(data: bytes) -> list[Sheet]:
    """Every worksheet; cells that the file skips (``ss:Index``) stay empty.

    Raises:
        InputError: ``UNSAFE_XML``, ``XML_DAMAGED`` or ``TOO_BIG_INSIDE``.
    """
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise InputError("UNSAFE_XML", "the file holds XML that could harm this computer") from error
    except (ParseError, ValueError, LookupError) as error:
        raise InputError(
            "XML_DAMAGED", "the XML is cut off or damaged", found=str(error), action="Export the plate again."
        ) from error
    sheets = root.findall(f"{_SS}Worksheet")
    if len(sheets) > MAX_SHEETS:
        raise too_big(Message("{n:n} sheets", n=len(sheets)))
    return [Sheet(sheet.get(f"{_SS}Name", ""), _rows(sheet)) for sheet in sheets]


def _rows(sheet: Element) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for row in sheet.findall(f"{_SS}Table/{_SS}Row"):
        index = _index(row, len(rows))
        if index >= MAX_ROWS:
            raise too_big(Message("a cell in row {row}", row=index + 1))
        rows.extend([] for _ in range(index - len(rows)))
        rows.append(_cells(row))
    return rows


def _cells(row: Element) -> list[Cell]:
    cells: list[Cell] = []
    for column, cell in _placed(row):
        if column >= MAX_COLUMNS:
            raise too_big(Message("a cell in column {column}", column=column + 1))
        cells.extend([None] * (column - len(cells)))
        cells.append(_value(cell))
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _placed(row: Element) -> Iterator[tuple[int, Element]]:
    column = 0
    for cell in row.findall(f"{_SS}Cell"):
        column = _index(cell, column)
        yield column, cell
        column += 1 + _number(cell.get(f"{_SS}MergeAcross"), 0)


def _index(element: Element, following: int) -> int:
    return max(_number(element.get(f"{_SS}Index"), following + 1) - 1, following)


def _number(text: str | None, otherwise: int) -> int:
    if text is None or not (text.isascii() and text.isdigit()):
        return otherwise
    return int(text[:9])


def _value(cell: Element) -> Cell:
    data = cell.find(f"{_SS}Data")
    if data is None:
        return None
    return "".join(data.itertext()) or None
