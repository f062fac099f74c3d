"""SpectraMax iD on-board software: Excel 2003 XML, a plate section for each wavelength's matrix."""

from __future__ import annotations

from xml.sax.saxutils import escape

from simulator.exports.shape import PLATE, Wells, matrix
from simulator.workbook import Value

OVERFLOW = "#SAT"
_HEAD = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">\n'
)


def spectramax_id(wells: Wells) -> bytes:
    """One plate, two matrices."""
    rows: list[list[Value]] = [
        ["User", "Synthetic"],
        ["Software version", "1.2.0.0"],
        ["Instrument name", "iD3-SYN"],
        ["Serial number", "SYN0010"],
        [],
        ["Plate  (1 of 1)"],
        ["Plate name", PLATE],
        ["Barcode", ""],
        ["Rows", 8],
        ["Columns", 12],
        ["Read Time", "26/01/2026 16:06:08"],
        [],
        ["Settings"],
        ["Measurement mode", "Abs"],
        ["Measurement type", "Endpoint"],
        [],
        ["Well data"],
    ]
    for wavelength in (450, 620):
        head, *body = matrix(wells, wavelength, OVERFLOW, f"{wavelength} nm/-")
        rows += [["Wavelength(Ex/Em)", *head], *(["", *line] for line in body), []]
    lines = "".join(_row(cells) for cells in rows)
    sheet = f'<Worksheet ss:Name="General"><Table>\n{lines}</Table></Worksheet>\n'
    return f"{_HEAD}{sheet}</Workbook>\n".encode()


def _row(cells: list[Value]) -> str:
    found = []
    for index, cell in enumerate(cells, start=1):
        if cell != "":
            kind = "String" if isinstance(cell, str) else "Number"
            data = f'<Data ss:Type="{kind}">{escape(str(cell))}</Data>'
            found.append(f'<Cell ss:Index="{index}">{data}</Cell>')
    return f"<Row>{''.join(found)}</Row>\n"
