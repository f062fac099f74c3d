"""SpectraMax iD on-board software: Excel 2003 XML, a plate section for each wavelength's matrix."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from simulator.exports.shape import PLATE, Wells, matrix
from simulator.workbook import Value

OVERFLOW = "#SAT"
_SCHEMA = "urn:schemas-microsoft-com:office"
_HEAD = f"""<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="{_SCHEMA}:spreadsheet"
 xmlns:o="{_SCHEMA}:office"
 xmlns:x="{_SCHEMA}:excel"
 xmlns:ss="{_SCHEMA}:spreadsheet"
 xmlns:html="http://www.w3.org/TR/REC-html40">
 <DocumentProperties xmlns="{_SCHEMA}:office">
  <LastAuthor>synthetic</LastAuthor>
  <Version>16.00</Version>
 </DocumentProperties>
 <Worksheet ss:Name="General">
  <Table x:FullColumns="1" x:FullRows="1" ss:DefaultColumnWidth="65" ss:DefaultRowHeight="16">
"""
_TAIL = f"""  </Table>
  <WorksheetOptions xmlns="{_SCHEMA}:excel">
   <Selected/>
  </WorksheetOptions>
 </Worksheet>
</Workbook>
"""


def spectramax_id(wells: Wells) -> bytes:
    """One plate, two matrices; Windows line ends, empty rows left out and the next one numbered."""
    rows = _facts()
    for wavelength in (450, 620):
        head, *body = matrix(wells, wavelength, OVERFLOW, f"{wavelength} nm/-")
        rows += [["Wavelength(Ex/Em)", *head], *(["", *line] for line in body), []]
    return (_HEAD + _table(rows) + _TAIL).replace("\n", "\r\n").encode()


def _facts() -> list[list[Value]]:
    return [
        ["User", "Synthetic"],
        ["Protocol name", "synthetic anti-MAG"],
        ["Time of export", "26/01/2026 16:10:08"],
        ["Software version", "1.2.0.0"],
        ["Instrument name", "iD3-SYN"],
        ["Serial number", "SYN0010"],
        ["Notes", "synthetic data"],
        [],
        ["Experiment (1 of 1)"],
        ["Experiment name", "Experiment 1"],
        [],
        ["Plate  (1 of 1)"],
        ["Plate name", PLATE],
        ["Barcode", ""],
        ["Microplate name", "Standard clrbtm"],
        ["Rows", "8"],
        ["Columns", "12"],
        ["Well count", "96 Wells"],
        ["Is lidded", "False"],
        ["Read Time", "26/01/2026 16:06:08"],
        [],
        ["Settings"],
        ["Measurement mode", "Abs"],
        ["Measurement type", "Endpoint"],
        [],
        ["Wavelength settings"],
        ["Path check", "False"],
        ["Excitation/Emission", "450 nm/-"],
        ["Excitation/Emission", "620 nm/-"],
        [],
        ["Well data"],
    ]


def _table(rows: Sequence[Sequence[Value]]) -> str:
    found, gap = [], False
    for number, cells in enumerate(rows, start=1):
        if not cells:
            gap = True
            continue
        place = f' ss:Index="{number}"' if gap else ""
        found.append(
            f'   <Row{place} ss:AutoFitHeight="0" ss:Height="15">\n{"".join(_cells(cells))}   </Row>\n'
        )
        gap = False
    return "".join(found)


def _cells(cells: Sequence[Value]) -> list[str]:
    """Empty cells are left out, and the next one is numbered."""
    found, gap = [], False
    for index, cell in enumerate(cells, start=1):
        if cell != "":
            place = f' ss:Index="{index}"' if gap else ""
            kind = "String" if isinstance(cell, str) else "Number"
            found.append(f'    <Cell{place}><Data ss:Type="{kind}">{_data(cell)}</Data></Cell>\n')
        gap = cell == ""
    return found


def _data(cell: Value) -> str:
    """A number with seventeen digits, as Excel saves it: 0.134 is 0.13400000000000001."""
    return f"{cell:.17G}" if isinstance(cell, float) else escape(str(cell))
