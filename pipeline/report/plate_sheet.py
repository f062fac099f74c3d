"""The sheet 'Plate': the OD as a heat map, and the layout in the same positions beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from openpyxl.formatting.rule import ColorScale, FormatObject, Rule
from openpyxl.styles.colors import Color
from openpyxl.utils import get_column_letter

from pipeline.domain.record import RunRecord
from pipeline.domain.results import WellResult
from pipeline.domain.wells import Well, row_letters
from pipeline.report.cells import Sheet, is_number
from pipeline.report.looks import Look
from pipeline.report.platemap import HIGH, LOW, ROLE_COLOURS
from pipeline.report.quality import crossed_wells
from pipeline.report.words import Value

_SIDE_BY_SIDE = 12
"""Columns up to which two grids stand beside each other."""

_LEGEND = (
    "\u2716 and a red frame: not used, the reasons are on the sheet QC. "
    "Shades: low OD white, high OD blue. Colours of the layout: blue calibrator, grey blank, yellow control, "
    "green sample."
)
_CELL = Look(align="centre", border="cell")
_CROSSED = Look(align="centre", border="crossed")
_AXIS = Look("bold", "centre", "none", ink="#505050")
_TITLE = Look("title", border="none", ink="#1F3A4D")
_NOTE = Look("note", border="none", ink="#505050")


@dataclass(frozen=True, slots=True)
class _Grid:
    """One picture of the plate: what each well shows."""

    title: str
    content: Callable[[WellResult], Value]
    code: str = "General"
    heat: bool = False


_GRIDS = (
    _Grid("OD used for the results", lambda well: well.od, "0.000", heat=True),
    _Grid("Name", lambda well: well.name or well.role),
    _Grid("Coating", lambda well: well.antigen),
    _Grid("Reciprocal dilution", lambda well: well.dilution, "#,##0"),
)


def plate_sheet(sheet: Sheet, record: RunRecord) -> None:
    """Four grids; wells that were not used carry a cross and a red frame in the OD grid."""
    per_line = 2 if record.columns <= _SIDE_BY_SIDE else 1
    for index, grid in enumerate(_GRIDS):
        top = 3 + index // per_line * (record.rows + 3)
        left = 1 + index % per_line * (record.columns + 2)
        _grid(sheet, record, grid, (top, left))
    columns = per_line * (record.columns + 2) - 1
    for number in range(1, columns + 1):
        edge = number % (record.columns + 2) in (0, 1)
        sheet.widths[number] = 4.0 if edge else 8.0
    sheet.write(1, 1, _LEGEND, _NOTE)
    sheet.finish()


def _grid(sheet: Sheet, record: RunRecord, grid: _Grid, corner: tuple[int, int]) -> None:
    top, left = corner
    sheet.write(top, left, grid.title, _TITLE)
    for column in range(record.columns):
        sheet.write(top + 1, left + 1 + column, column + 1, _AXIS)
    for row in range(record.rows):
        sheet.write(top + 2 + row, left, row_letters(row), _AXIS)
    crossed = crossed_wells(record) if grid.heat else frozenset()
    for well in record.wells:
        place = Well.parse(well.well)
        at = (top + 2 + place.row, left + 1 + place.column)
        _well(sheet, grid, well, at, crossed=well.well in crossed)
    if grid.heat:
        first = f"{get_column_letter(left + 1)}{top + 2}"
        last = f"{get_column_letter(left + record.columns)}{top + 1 + record.rows}"
        sheet.ws.conditional_formatting.add(f"{first}:{last}", _shades())


def _shades() -> Rule:
    ends = [FormatObject(type="min"), FormatObject(type="max")]
    colours = [Color(rgb="FF" + LOW[1:]), Color(rgb="FF" + HIGH[1:])]
    return Rule(type="colorScale", colorScale=ColorScale(cfvo=ends, color=colours))


def _code(grid: _Grid, value: Value) -> str:
    """The grid's number format; a dilution such as 1:2.5 keeps its decimals."""
    whole = isinstance(value, float | int) and float(value).is_integer()
    return grid.code if whole or (grid.heat and is_number(value)) else "General"


def _well(sheet: Sheet, grid: _Grid, well: WellResult, at: tuple[int, int], *, crossed: bool) -> None:
    value = grid.content(well)
    code = _code(grid, value)
    if crossed:
        look = replace(_CROSSED, code=f'"\u2716 "{code}' if is_number(value) else code)
        sheet.write(*at, "\u2716 no OD" if value is None else value, look)
    else:
        fill = "" if grid.heat else ROLE_COLOURS.get(well.role or "", "")
        sheet.write(*at, value, replace(_CELL, code=code, fill=fill))
