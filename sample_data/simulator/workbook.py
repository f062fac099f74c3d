"""XLSX files written part by part, so that every byte is the same on every machine and in every year.

A library would put its version and the clock into the file. The parts are stored without compression, because
compressed bytes differ between zlib versions.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime, time
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

Value: TypeAlias = "str | int | float | datetime | time"
Sheet: TypeAlias = "tuple[str, Sequence[Sequence[Value]]]"

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FIXED_TIME = (2026, 1, 12, 9, 0, 0)
_LETTERS = 26
_TEXT_STYLE = 1
"""Index of the cell format "Text", so that Excel keeps 007 and 1E5 as they are."""
_DATE_STYLE, _TIME_STYLE = 2, 3
"""Excel stores a date as a number of days; only the cell format says that it is one."""
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no time zones
_DAY_SECONDS = 86_400


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """A workbook of plain cells: numbers, text and dates as what they are. Empty text is an empty cell."""
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _book([name for name, _ in sheets]),
        "xl/_rels/workbook.xml.rels": _relations(
            [("worksheet", f"worksheets/sheet{i + 1}.xml") for i in range(len(sheets))]
            + [("styles", "styles.xml")]
        ),
        "xl/styles.xml": _styles(),
    }
    for i, (_, rows) in enumerate(sheets):
        parts[f"xl/worksheets/sheet{i + 1}.xml"] = _worksheet(rows)
    return archive(parts)


def archive(parts: dict[str, str]) -> bytes:
    """A zip of text parts with a fixed time, stored, as if made on one kind of machine."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as packed:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, _FIXED_TIME)
            entry.create_system, entry.external_attr = 0, 0
            packed.writestr(entry, text.encode())
    return buffer.getvalue()


def _content_types(sheets: int) -> str:
    kinds = [("xl/workbook.xml", "sheet.main"), ("xl/styles.xml", "styles")]
    kinds += [(f"xl/worksheets/sheet{i + 1}.xml", "worksheet") for i in range(sheets)]
    overrides = "".join(
        f'<Override PartName="/{part}" ContentType="{_TYPES}.{kind}+xml"/>' for part, kind in kinds
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{relations}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _book(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="rId{i}"/>'
        for i, name in enumerate(names, start=1)
    )
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _styles() -> str:
    plain = 'numFmtId="0" fontId="0" fillId="0" borderId="0"'
    text = 'numFmtId="49" fontId="0" fillId="0" borderId="0"'
    date = 'numFmtId="22" fontId="0" fillId="0" borderId="0"'
    clock = 'numFmtId="21" fontId="0" fillId="0" borderId="0"'
    return (
        f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
        '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        f'<cellStyleXfs count="1"><xf {plain}/></cellStyleXfs>'
        f'<cellXfs count="4"><xf {plain} xfId="0"/>'
        + "".join(f'<xf {kind} xfId="0" applyNumberFormat="1"/>' for kind in (text, date, clock))
        + "</cellXfs>"
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )


def _worksheet(rows: Sequence[Sequence[Value]]) -> str:
    lines = "".join(
        f'<row r="{r}">{"".join(_cell(r, c, value) for c, value in enumerate(row) if value != "")}</row>'
        for r, row in enumerate(rows, start=1)
    )
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'


def _cell(row: int, column: int, value: Value) -> str:
    place = f"{_column(column)}{row}"
    if isinstance(value, str):
        text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
        return f'<c r="{place}" s="{_TEXT_STYLE}" t="inlineStr">{text}</c>'
    if isinstance(value, datetime):
        days = (value - _DAY_ZERO).total_seconds() / _DAY_SECONDS
        return f'<c r="{place}" s="{_DATE_STYLE}"><v>{days!r}</v></c>'
    if isinstance(value, time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return f'<c r="{place}" s="{_TIME_STYLE}"><v>{seconds / _DAY_SECONDS!r}</v></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>'


def _column(index: int) -> str:
    prefix = _column(index // _LETTERS - 1) if index >= _LETTERS else ""
    return prefix + chr(ord("A") + index % _LETTERS)
