"""The sheet 'Plates': the plate four times, as OD, net OD, layout and flags, in its own positions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap

from openpyxl.formatting.rule import ColorScale, FormatObject, Rule
from openpyxl.styles.colors import Color
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break

from pipeline.domain.layout import Role
from pipeline.domain.record import RunRecord
from pipeline.domain.results import WellResult
from pipeline.domain.wells import Well, row_letters
from pipeline.report.drawing.platemap import HIGH, LOW, ROLE_COLOURS
from pipeline.report.excel.cells import SheetWriter
from pipeline.report.excel.sheet_parts import fixed_scale
from pipeline.report.tables.quality import crossed_wells, empty_slots
from pipeline.report.tables.recovery import beyond_recovery
from pipeline.report.words.text import short
from pipeline.report.words.tones import FAIL, PASS, QUIET, WARN, Format, Value, Word, show

_SMALL_PLATE = 12
"""Columns of a plate whose wells have room for a few words."""
_AXIS_WIDTH, _WIDE, _NARROW = 4.0, 12.5, 7.5
_LINE_HEIGHT, _FEWEST_LINES, _MOST_LINES = 13.5, 2, 5
"""In points; with two lines two plates of 96 wells fill a printed page, a larger plate has one of its own."""
_LETTERS = 1.2
"""Of a well's small text beside one digit of the column width, for words in capitals."""
_LONGEST = 30
"""Characters of a word in a well; the whole reason stands on the sheets QC and Wells."""
_FITTED = (Role.CALIBRATOR, Role.BLANK)
"""Wells that make the curve, or its zero: where they lie on it says nothing about their use."""
_FLAGS_NOTES = (
    "\u2714 used; \u25b2 used, with a remark; \u2716 not used; \u25cb read, but no part of a titer.",
    "Below or above range: of the calibrators that passed. Below or above curve: no concentration is there.",
    "Below or above reader: no OD is printed there. Hook: reads lower than the next dilution.",
    "Not recovered: a calibrator of the fit beyond its recovery limit.",
)

_NET = "The net OD of a dilution, in each of its antigen wells."
_NET_AND_HNK1 = (
    "The net OD of a dilution, in each of its antigen wells; in its HNK1 wells the net OD of HNK1."
)


@dataclass(frozen=True, slots=True)
class _Grid:
    """One picture of the plate: for each well what it shows, and in which style."""

    title: str
    notes: tuple[str, ...]
    content: Callable[[WellResult], tuple[Value, str]]
    heat: bool = False


def plate_sheet(sheet: SheetWriter, record: RunRecord) -> None:
    """Four grids, two on a printed page, or one of 384 wells."""
    small = record.columns <= _SMALL_PLATE
    width, per_page = (_WIDE, 2) if small else (_NARROW, 1)
    sheet.widths = {1: _AXIS_WIDTH} | dict.fromkeys(range(2, record.columns + 2), width)
    for number, grid in enumerate(_grids(record)):
        if number and number % per_page == 0:
            sheet.ws.row_breaks.append(Break(id=sheet.row - 1))
        _grid(sheet, record, grid)
    fixed_scale(sheet)
    sheet.ws.freeze_panes = "B1"
    sheet.finish()


def _grids(record: RunRecord) -> Iterator[_Grid]:
    crossed = crossed_wells(record)
    yield _Grid(
        "OD used for the results",
        ("White is the lowest OD, blue the highest. A cross and a red frame: not used, see Flags and QC.",),
        lambda well: _od(well, crossed=well.well in crossed),
        heat=True,
    )
    net = dict(_net_ods(record))
    yield _Grid(
        "Net OD: antigen minus antigen-negative",
        (_NET_AND_HNK1 if record.asks_hnk1 else _NET,),
        lambda well: (net.get(well.well), "well od"),
        heat=True,
    )
    yield _Grid(
        "Layout: role or name, coating, dilution",
        ("Blue calibrator, grey blank, yellow control, green sample.",),
        lambda well: (_use(well), f"well {well.role}" if well.role in ROLE_COLOURS else "well"),
    )
    flags = dict(_flags(record, crossed))
    yield _Grid(
        "Flags",
        _FLAGS_NOTES,
        lambda well: _flag(well, flags),
    )


def _grid(sheet: SheetWriter, record: RunRecord, grid: _Grid) -> None:
    sheet.title(grid.title)
    for note in grid.notes:
        sheet.note(note)
    top = sheet.row
    for column in range(record.columns):
        sheet.write(top, column + 2, column + 1, "axis")
    shown = [(Well.parse(well.well), *grid.content(well)) for well in record.wells]
    height = _LINE_HEIGHT * _lines(record, [value for _, value, _ in shown])
    for row in range(record.rows):
        sheet.write(top + 1 + row, 1, row_letters(row), "axis")
        sheet.ws.row_dimensions[top + 1 + row].height = height
    for place, value, style in shown:
        sheet.write(top + 1 + place.row, place.column + 2, value, style)
    if grid.heat:
        area = f"B{top + 1}:{get_column_letter(record.columns + 1)}{top + record.rows}"
        sheet.ws.conditional_formatting.add(area, _shades())
    sheet.row = top + record.rows + 2


def _lines(record: RunRecord, values: Iterable[Value]) -> int:
    """How many lines the fullest well of a plate with narrow columns needs."""
    if record.columns <= _SMALL_PLATE:
        return _FEWEST_LINES
    texts = (show(value) for value in values if isinstance(value, str | Word))
    needed = (len(wrap(text, round(_NARROW * _LETTERS))) for text in texts)
    return min(max([_FEWEST_LINES, *needed]), _MOST_LINES)


def _shades() -> Rule:
    ends = [FormatObject(type="min"), FormatObject(type="max")]
    colours = [Color(rgb="FF" + LOW[1:]), Color(rgb="FF" + HIGH[1:])]
    return Rule(type="colorScale", colorScale=ColorScale(cfvo=ends, color=colours))


def _od(well: WellResult, *, crossed: bool) -> tuple[Value, str]:
    if crossed and well.od is None:
        return "\u2716 no OD", "crossed"
    return well.od, "crossed od" if crossed else "well od"


def _net_ods(record: RunRecord) -> Iterator[tuple[str, float]]:
    """(well, net OD of its dilution) of antigen wells and HNK1 wells, samples and controls."""
    antigen, hnk1 = _coating(record, "calibration"), _coating(record, "hnk1")
    for sample in (*record.samples, *(control.result for control in record.controls)):
        for step in sample.dilutions:
            for coating, od in ((antigen, step.net_od), (hnk1, step.hnk1_net_od)):
                if od is not None:
                    yield from ((well, od) for well in step.wells.get(coating, ()))


def _coating(record: RunRecord, section: str) -> str:
    """The antigen that a section of the assay names; empty where there is no such section."""
    found = record.settings.get(section)
    return str(found.get("antigen", "")) if isinstance(found, Mapping) else ""


def _use(well: WellResult) -> str | None:
    """Name, coating and dilution."""
    if well.role is None:
        return None
    dilution = None if well.dilution is None else f"1:{show(well.dilution, Format.DILUTION)}"
    parts = (short(well.name or well.role, _LONGEST), well.antigen, dilution)
    return ", ".join(part for part in parts if part)


def _flags(record: RunRecord, crossed: frozenset[str]) -> Iterator[tuple[str, Word]]:
    """What is odd about a well; a later remark is stronger than one before it."""
    empty = empty_slots(record)
    for well in record.wells:
        place = None if well.concentration_state is None else well.concentration_state.means.short
        if well.role not in _FITTED and place is not None:
            yield well.well, Word(place, QUIET)
    for sample in (*record.samples, *(control.result for control in record.controls)):
        for step in sample.dilutions:
            trouble = None if step.reason is None else step.reason.means.short
            if trouble is not None:
                yield from ((name, Word(trouble, WARN)) for names in step.wells.values() for name in names)
    yield from _not_recovered(record)
    for well in record.wells:
        if well.well in crossed:
            yield well.well, Word(_why(well), FAIL)
        elif well.role is not None and not well.used:
            yield well.well, Word("no sample" if well.name in empty else _why(well), QUIET)


def _not_recovered(record: RunRecord) -> Iterator[tuple[str, Word]]:
    """Wells of calibrators that are in the fit although the curve does not give them back."""
    beyond = {level for fit in record.curves for level in beyond_recovery(record, fit)}
    for well in record.wells:
        if well.role == Role.CALIBRATOR and well.used and well.name in beyond:
            yield well.well, Word("not recovered", WARN)


def _why(well: WellResult) -> str:
    code = well.unused or well.state
    return short(code.means.short if code is not None else well.reason or "no reason recorded", _LONGEST)


def _flag(well: WellResult, flags: Mapping[str, Word]) -> tuple[Value, str]:
    if well.role is None:
        return None, "well"
    word = flags.get(well.well, Word("", PASS))
    return (word if word.text else PASS.symbol), f"well {word.tone.name}"
