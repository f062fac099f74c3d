"""The sheet 'Standard curve': facts, calibrators, parameters, blanks, and a native chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from openpyxl.chart import ScatterChart
from openpyxl.utils import get_column_letter

from pipeline.domain.curve_results import CalibratorResult, CurveFit
from pipeline.domain.record import RunRecord
from pipeline.report.drawing.axes import od_label
from pipeline.report.excel.cells import SheetWriter
from pipeline.report.excel.chart_parts import (
    SeriesCells,
    Symbol,
    columns_within,
    decades,
    limit_series,
    log_chart,
    place_chart,
    points_series,
    smooth_series,
)
from pipeline.report.first_page.view import curve_facts
from pipeline.report.tables import results as tables
from pipeline.report.tables.columns import Table, make_table, parse_columns
from pipeline.report.tables.recovery import beyond_recovery
from pipeline.report.words.tones import FAIL, WARN, Value, Word

_SIZE_CM = (16.5, 9.4)
_CHART_ROWS = 19
_LABEL_WIDTH = 20.0
_FACTS_CM = 13.5
"""Room for the facts, left of the chart."""
_USED, _LEFT_OUT = "calibrator wells", "left out"
_BEYOND = "beyond recovery limit"
_SERIES: Mapping[str, tuple[str, Symbol]] = {
    _USED: ("0072B2", "circle"),
    _BEYOND: ("E69F00", "triangle"),
    _LEFT_OUT: ("D55E00", "x"),
}
"""What a well is shown as -> colour and sign, in the order of the table."""
_LIMIT = "009E73"
FactLines: TypeAlias = Sequence[tuple[str, str]]
"""Label and text."""


def curve_sheet(sheet: SheetWriter, record: RunRecord) -> None:
    """Every curve on its own, then the blanks; last, and not printed, the numbers of the charts."""
    sheet.prose_width = 34.0
    sheet.widths = {1: _LABEL_WIDTH}
    if not record.curves:
        sheet.note("This run has no standard curve.")
    beyond = [beyond_recovery(record, fit) for fit in record.curves]
    told = [curve_facts(fit, record.reach) for fit in record.curves]
    rows = [_curve(sheet, *each) for each in zip(record.curves, beyond, told, strict=True)]
    sheet.table(tables.blanks(record))
    bottom = sheet.row - 1
    right = max(columns_within(sheet, _FACTS_CM + _SIZE_CM[0]), sheet.ws.max_column)
    for fit, row, levels, facts in zip(record.curves, rows, beyond, told, strict=True):
        _facts(sheet, facts, row)
        _add_chart(sheet, od_label(record), (fit, levels), row)
    sheet.ws.page_setup.fitToHeight = max(len(record.curves), 1)
    sheet.ws.print_area = f"A1:{get_column_letter(right)}{bottom}"
    sheet.finish()


def _curve(sheet: SheetWriter, fit: CurveFit, beyond: Mapping[str, str], facts: FactLines) -> int:
    """Title, remarks and tables; returns the row at which facts and chart begin."""
    sheet.title(f"Standard curve, {fit.antigen}")
    if fit.failure is not None:
        sheet.line([Word(f"No curve could be fitted: {fit.failure}", FAIL)])
    for warning in fit.warnings:
        sheet.line([Word(warning, WARN)])
    row = sheet.row
    sheet.row += max(_CHART_ROWS, len(facts)) + 1
    sheet.table(tables.calibrators(fit, beyond))
    if fit.parameters:
        sheet.table(tables.parameters(fit))
    return row


def _facts(sheet: SheetWriter, facts: FactLines, row: int) -> None:
    """Label and text, the text over all columns left of the chart."""
    last = columns_within(sheet, _FACTS_CM) - 1
    for number, (label, text) in enumerate(facts, start=row):
        sheet.write(number, 1, label, "label")
        sheet.write(number, 2, text, "wrapped")
        sheet.merge(number, 2, last)
        sheet.wrapped.append((number, 2, last, len(text)))


def _add_chart(
    sheet: SheetWriter, od_title: str, curve: tuple[CurveFit, Mapping[str, str]], row: int
) -> None:
    """The chart beside the facts; the numbers behind it at the end of the sheet."""
    fit, beyond = curve
    points = wells_of_levels(fit, beyond)
    if not points.rows:
        return
    unit = fit.range.unit
    chart = log_chart(f"Calibrator ({unit}), log scale; zero not shown", od_title, "#,##0", _SIZE_CM, "b")
    chart.y_axis.scaling.min = min(0.0, *(od for _, od in _values(points)))
    decades(chart, (nominal for nominal, _ in _values(points)))
    _points(sheet, chart, points)
    _line(sheet, chart, fit)
    _limits(sheet, chart, fit, max(od for _, od in _values(points)))
    place_chart(sheet, chart, row, _FACTS_CM)


def wells_of_levels(fit: CurveFit, beyond: Mapping[str, str]) -> Table:
    """Each calibrator well above zero: of levels in the fit, of those not recovered, of those left out."""
    columns = (*parse_columns("Level; Shown as"), *tables.point_columns(fit))
    kinds = {level.level: _kind(level, beyond) for level in fit.calibrators}
    levels = sorted(fit.calibrators, key=lambda level: list(_SERIES).index(kinds[level.level]))
    rows = (
        (level.level, kinds[level.level], level.nominal, od)
        for level in levels
        if level.nominal > 0
        for od in level.ods
    )
    return make_table(f"Numbers of the chart, {fit.antigen}: calibrator wells", columns, rows)


def _kind(level: CalibratorResult, beyond: Mapping[str, str]) -> str:
    if not level.used:
        return _LEFT_OUT
    return _BEYOND if level.level in beyond else _USED


def _values(points: Table) -> Iterator[tuple[float, float]]:
    for *_, nominal, od in points.rows:
        if isinstance(nominal, float | int) and isinstance(od, float | int):
            yield nominal, od


def _points(sheet: SheetWriter, chart: ScatterChart, points: Table) -> None:
    """Each kind of well as a series of its own colour and sign."""
    top, _ = sheet.table(points)
    for name, (colour, symbol) in _SERIES.items():
        count = sum(row[1] == name for row in points.rows)
        if count:
            block = SeriesCells(3, 4, top + 1, top + count)
            chart.series.append(points_series(sheet, block, name, colour, symbol))
        top += count


def _line(sheet: SheetWriter, chart: ScatterChart, fit: CurveFit) -> None:
    above_zero = sum(at > 0 for at, _ in fit.line)
    if above_zero:
        top, _ = sheet.table(tables.curve_line(fit))
        chart.series.append(
            smooth_series(sheet, SeriesCells(1, 2, top + 1, top + above_zero), "fitted curve")
        )


def _limits(sheet: SheetWriter, chart: ScatterChart, fit: CurveFit, height: float) -> None:
    """Ends of the working range as upright lines."""
    ends = (("LLOQ", fit.range.lloq, "dash"), ("ULOQ", fit.range.uloq, "sysDot"))
    known = [(name, at, dash) for name, at, dash in ends if at is not None and at > 0]
    if not known:
        return
    columns = (*parse_columns("Limit"), *tables.point_columns(fit))
    rows: list[tuple[Value, ...]] = [(name, at, od) for name, at, _ in known for od in (0.0, height)]
    top, _ = sheet.table(make_table("Limits of the working range", columns, rows))
    for number, (name, _, dash) in enumerate(known):
        block = SeriesCells(2, 3, top + 1 + 2 * number, top + 2 + 2 * number)
        chart.series.append(limit_series(sheet, block, name, _LIMIT, dash))
