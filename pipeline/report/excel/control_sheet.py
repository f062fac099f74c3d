"""The sheet 'Control charts': where each control stands among those of past runs."""

from __future__ import annotations

import math

from pipeline.domain.history import RunStanding
from pipeline.domain.record import RunRecord
from pipeline.report.excel.cells import SheetWriter
from pipeline.report.tables import quality
from pipeline.report.tables.columns import Table, make_table, parse_columns
from pipeline.report.words.tones import NEUTRAL, Value, Word, signed

NO_HISTORY = "No past runs were at hand when this plate was judged, so its controls stand alone."
_NO_CONTROL = "Past runs were at hand, but no control of this plate could be compared with them."
_READING = (
    "z: distance from the mean of the reference runs, in their SD. Last two, last four: the distance that "
    "all of them reach on one side. One side: successive values on one side of the mean."
)
_STRIP = "Each column is one SD wide; the mark shows where the control of this run stands."
_BINS = (
    "below \u22123",
    "\u22123 to \u22122",
    "\u22122 to \u22121",
    "\u22121 to 0",
    "0 to 1",
    "1 to 2",
    "2 to 3",
    "above 3",
)
_MIDDLE = len(_BINS) // 2
_RULES = "HIS-"
_WIDTHS = (18.0, 10.0, *(11.0,) * len(_BINS), 12.0, 40.0, 34.0)
"""Of the columns that all tables of the sheet share: the strip needs equal ones."""
_STANDING_SPANS = (1, 1, 1, 1, 1, 1, 1, 3)
_FINDING_SPANS = (1, 1, 4, 2, 1, 1, 1, 1, 1)


def control_sheet(sheet: SheetWriter, record: RunRecord) -> None:
    """Standing of the controls, a strip in SD, and what the rules of history said."""
    sheet.widths = dict(enumerate(_WIDTHS, start=1))
    sheet.prose_width = _WIDTHS[-1]
    sheet.title("Controls of this run among those of past runs")
    sheet.note(_reach(record.standing))
    if record.standing is not None and record.standing.controls:
        sheet.note(_READING)
        sheet.row += 1
        sheet.table(standings(record.standing), spans=_STANDING_SPANS)
        sheet.table(strips(record.standing))
        sheet.note(_STRIP)
    sheet.row += 1
    found = [finding for finding in record.findings if finding.rule.startswith(_RULES)]
    sheet.title("What the rules of history say")
    sheet.table(quality.findings(found), titled=False, spans=_FINDING_SPANS)
    sheet.ws.freeze_panes = "A2"
    sheet.finish()


def _reach(standing: RunStanding | None) -> str:
    """How much history there was, in words."""
    if standing is None:
        return NO_HISTORY
    if not standing.controls:
        return _NO_CONTROL
    last = f"; the newest is {standing.last}" if standing.last else ""
    return f"Compared with {standing.runs} past runs of this assay{last}."


def standings(standing: RunStanding) -> Table:
    """One line a control; without z the reason."""
    columns = parse_columns(
        "Control; Lot; Reference runs|whole; z, SD|general; Last two, SD|general; Last four, SD|general; "
        "One side|whole; Why no z|prose"
    )
    rows = (
        (
            *(one.control, one.lot, one.reference_runs, one.z, one.last_two, one.last_four),
            *(one.one_side, one.reason),
        )
        for one in standing.controls
    )
    return make_table("Standing", columns, rows)


def strips(standing: RunStanding) -> Table:
    """The same as a picture: one cell for each SD, with a mark in one of them."""
    columns = parse_columns("Control; Lot; " + "; ".join(_BINS))
    rows = ((one.control, one.lot, *_strip(one.z)) for one in standing.controls if one.z is not None)
    return make_table("Distance from the mean, in SD", columns, rows)


def _strip(z: float) -> tuple[Value, ...]:
    """Eight cells; the one in which the control stands holds its z. Verdicts are those of the rules."""
    at = min(max(math.floor(z) + _MIDDLE, 0), len(_BINS) - 1)
    mark = Word(f"{'+' if z > 0 else ''}{signed(z, 2)}", NEUTRAL)
    return tuple(mark if number == at else None for number in range(len(_BINS)))
