"""The sheet 'Control charts': where each control stands among those of past runs."""

from __future__ import annotations

import math

from pipeline.domain.history import ControlStanding, RunStanding
from pipeline.domain.record import RunRecord
from pipeline.report import quality
from pipeline.report.cells import Sheet
from pipeline.report.tables import Table, make_table, parse_columns
from pipeline.report.words import FAIL, PASS, QUIET, WARN, Value, Word

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
_WARN_FROM, _FAIL_FROM = 2.0, 3.0
"""Where a Levey-Jennings chart draws its lines; the verdicts are those of the rules below."""


def control_sheet(sheet: Sheet, record: RunRecord) -> None:
    """Standing of the controls, a strip in SD, and what the rules of history said."""
    sheet.title("Controls of this run among those of past runs")
    sheet.note(_reach(record.standing))
    if record.standing is not None and record.standing.controls:
        sheet.note(_READING)
        sheet.row += 1
        sheet.table(standings(record.standing))
        sheet.table(strips(record.standing))
        sheet.note(_STRIP)
    sheet.row += 1
    found = [finding for finding in record.findings if finding.rule.startswith(_RULES)]
    sheet.title("What the rules of history say")
    sheet.table(quality.findings(found), titled=False)
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
    rows = ((one.control, one.lot, *_strip(one)) for one in standing.controls)
    return make_table("Distance from the mean, in SD", columns, rows)


def _strip(one: ControlStanding) -> tuple[Value, ...]:
    """Eight cells; the one of this run holds z."""
    if one.z is None:
        return (Word("no z", QUIET), *(None,) * (len(_BINS) - 1))
    at = min(max(math.floor(one.z) + _MIDDLE, 0), len(_BINS) - 1)
    size = abs(one.z)
    tone = FAIL if size > _FAIL_FROM else WARN if size > _WARN_FROM else PASS
    mark = Word(f"{one.z:+.2f}".replace("-", "\u2212"), tone)
    return tuple(mark if number == at else None for number in range(len(_BINS)))
