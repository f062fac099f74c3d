"""Files that try to stop whoever reads them, each made by code: name -> bytes. None of them is a plate."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Iterator

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TYPES = (
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" '
    b'ContentType="application/xml"/></Types>'
)
_BOOK = (
    b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.'
    b'openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/>'
    b"</sheets></workbook>"
)
_LINKS = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    b'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    b'Target="worksheets/sheet1.xml"/></Relationships>'
)
_PLATE = b",1,2,3,4,5,6,7,8,9,10,11,12\n" + b"A,1,1,1,1,1,1,1,1,1,1,1,1\n" * 8
_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_END = b"</sheetData></worksheet>"


def workbook(cells: bytes, *, padded: bool = True, **more: bytes) -> bytes:
    """An ``.xlsx`` whose sheet holds these bytes; padded, it is not packed more tightly than others."""
    file = io.BytesIO()
    parts = {
        "[Content_Types].xml": _TYPES,
        "xl/workbook.xml": _BOOK,
        "xl/_rels/workbook.xml.rels": _LINKS,
        "xl/worksheets/sheet1.xml": _SHEET + cells + _END,
        **more,
        **({"docProps/noise.bin": _noise(9, len(cells) // 100)} if padded else {}),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def _noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 - noise that can be repeated


KINDS: dict[str, Callable[[], bytes]] = {
    "rows without end.xlsx": lambda: workbook(b"<row k" + b"X" * 500_000),
    "many rows without end.xlsx": lambda: workbook(b"<row k" * 80_000),
    "cells without end.xlsx": lambda: workbook(b"<c " * 150_000),
    "formulas without end.xlsx": lambda: workbook(b"<c r='A1'><f " * 40_000),
    "spaces in formulas.xlsx": lambda: workbook(b"<c><f/>" + b" " * 400_000),
    "many spaces.xlsx": lambda: workbook((b"<c><f/>" + b" " * 2_000) * 200),
    "errors without end.xlsx": lambda: workbook(b"<c t='e'>" * 60_000),
    "hidden without end.xlsx": lambda: workbook(b"<col hidden=" * 40_000),
    "declarations.xlsx": lambda: workbook(b"<!" + b" " * 400_000),
    "far cell.xlsx": lambda: workbook(b'<row r="60000"><c r="XFD60000"><v>1</v></c></row>'),
    "bomb.xlsx": lambda: workbook(b" " * 190_000_000, padded=False),
    "many parts.xlsx": lambda: workbook(b"", **{f"x{n}.xml": b"" for n in range(2_000)}),
    "doctype.xlsx": lambda: workbook(b"<!DOCTYPE x [<!ENTITY a 'b'>]>&a;"),
    "nested.xlsx": lambda: workbook(b"<a>" * 200_000),
    "wide row.xlsx": lambda: workbook(b"<row>" + b"<c><v>1</v></c>" * 300_000 + b"</row>"),
    "noise.xlsx": lambda: b"PK\x03\x04" + _noise(1, 100_000),
    "noise.xls": lambda: OLE2 + _noise(2, 100_000),
    "short.xls": lambda: OLE2 + bytes(504),
    "wide header.csv": lambda: b",".join(b"c%d" % n for n in range(100_000)) + b"\n1,2,3\n",
    "wide lines.csv": lambda: (b"1," * 50_000 + b"\n") * 20,
    "many lines.csv": lambda: b"A1,0.5\n" * 2_000_000,
    "one line.txt": lambda: b"x" * 20_000_000,
    "tabs.txt": lambda: b"\t" * 5_000_000,
    "quotes.csv": lambda: b'"a,' * 500_000,
    "quoted lines.csv": lambda: b'"a\n' * 500_000,
    "digits.txt": lambda: b"1" * 5_000_000,
    "digits in cells.csv": lambda: (b"9" * 4_000 + b",") * 500,
    "dots.txt": lambda: b"1." * 2_000_000,
    "spaces.txt": lambda: b" " * 5_000_000 + b"x",
    "spaced numbers.txt": lambda: (b"1 " * 2_000 + b"\n") * 500,
    "colons.txt": lambda: b"Plate: " * 500_000,
    "blocks.txt": lambda: b"##BLOCKS= 9999999\nPlate:\tP\t1.3\tTimeFormat\n" * 20_000,
    "many plates.csv": lambda: (
        (b",1,2,3,4,5,6,7,8,9,10,11,12\n" + b"A,1,1,1,1,1,1,1,1,1,1,1,1\n" * 8) * 5_000
    ),
    "nested rows.xml": lambda: (
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table>'
        + b"<Row>"
        * 500_000
    ),
    "closed rows.xml": lambda: (
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table>'
        + b"<Row>" * 100_000
        + b"</Row>" * 100_000
        + b"</Table></Worksheet></Workbook>"
    ),
    "nested.xml": lambda: b'<?xml version="1.0"?>' + b"<a>" * 1_000_000,
    "attributes.xml": lambda: b'<?xml version="1.0"?><a ' + b"".join(b'b%d="" ' % n for n in range(200_000)),
    "laughs.xml": lambda: b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>',
    "index.xml": lambda: (
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:'
        b'schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        b'<Worksheet ss:Name="a"><Table><Row ss:Index="999999999"><Cell ss:Index="9999999"><Data>'
        b"1</Data></Cell></Row></Table></Worksheet></Workbook>"
    ),
    "nulls.txt": lambda: bytes(1_000_000),
    "utf16.txt": lambda: b"\xff\xfe" + b"\x00\xd8" * 500_000,
    "noise.txt": lambda: _noise(3, 1_000_000),
    "empty.csv": lambda: b"",
    "letter.docx": lambda: workbook(b"").replace(b"xl/", b"wd/"),
    "picture.jpg": lambda: b"\xff\xd8\xff" + _noise(4, 10_000),
    "script.html": lambda: b"<html><script>" + b"<td>" * 500_000,
    "brackets.json": lambda: b"[" * 1_000_000,
}
"""What a machine can make of the ways to keep a reader busy."""


def corpus() -> Iterator[tuple[str, bytes]]:
    """All of them."""
    return ((name, make()) for name, make in KINDS.items())
