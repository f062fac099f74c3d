"""The sheet 'Standard curve': tables, a native chart and the picture."""

from __future__ import annotations

import io

from matplotlib.figure import Figure
from openpyxl.chart import Reference, ScatterChart, Series
from openpyxl.chart.legend import Legend
from openpyxl.drawing.image import Image
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break

from pipeline.domain.record import RunRecord
from pipeline.domain.results import CurveFit
from pipeline.report import tables
from pipeline.report.cells import Sheet
from pipeline.report.charts import od_label
from pipeline.report.figures import png, standard_curve
from pipeline.report.text import visible
from pipeline.report.view import curve_facts
from pipeline.report.words import FAIL, INK_CODE, NEUTRAL, WARN, Word

_ROW_PIXELS = 20
_PICTURE_WIDTH = 560
_PIXELS_PER_CHARACTER = 7.3
_DEFAULT_WIDTH = 8.4


def curve_sheet(sheet: Sheet, record: RunRecord) -> None:
    """Every curve of the run: facts and tables, then the pictures; the blanks; the numbers of the charts."""
    if not record.curves:
        sheet.note("This run has no standard curve.")
    for fit in record.curves:
        _tables(sheet, fit)
    sheet.table(tables.blanks(record))
    for fit in record.curves:
        _pictures(sheet, record, fit)
    sheet.finish()


def _tables(sheet: Sheet, fit: CurveFit) -> None:
    sheet.title(f"Standard curve, {fit.antigen}")
    if fit.failure is not None:
        sheet.line([Word(f"No curve could be fitted: {fit.failure}", FAIL)])
    for warning in fit.warnings:
        sheet.line([Word(warning, WARN)])
    for label, text in curve_facts(fit):
        sheet.line([label, text])
    sheet.row += 1
    sheet.table(tables.calibrators(fit))
    if fit.parameters:
        sheet.table(tables.parameters(fit))


def _pictures(sheet: Sheet, record: RunRecord, fit: CurveFit) -> None:
    """The picture, and beside it a native chart; the numbers of the chart stand below."""
    sheet.ws.row_breaks.append(Break(id=sheet.row - 1))
    sheet.title(f"Standard curve, {fit.antigen}: picture, and a chart to edit")
    top = sheet.row
    add_picture(sheet, standard_curve(record, fit), width=_PICTURE_WIDTH)
    if fit.line:
        sheet.ws.add_chart(_chart(sheet, record, fit), f"{_column_right_of(sheet, _PICTURE_WIDTH)}{top}")


def _column_right_of(sheet: Sheet, pixels: int) -> str:
    """First column that begins right of a picture at the left edge."""
    column, edge = 1, 0.0
    while edge < pixels:
        edge += sheet.widths.get(column, _DEFAULT_WIDTH) * _PIXELS_PER_CHARACTER
        column += 1
    return get_column_letter(column)


def add_picture(sheet: Sheet, figure: Figure, *, width: int) -> None:
    """Put a picture at the next free row and leave room for it."""
    picture = Image(io.BytesIO(png(figure)))
    picture.height = round(picture.height * width / picture.width)
    picture.width = width
    sheet.ws.add_image(picture, f"A{sheet.row}")
    sheet.row += -(-picture.height // _ROW_PIXELS) + 1


def _chart(sheet: Sheet, record: RunRecord, fit: CurveFit) -> ScatterChart:
    """The same points and line as a native chart, which a person can edit."""
    chart = ScatterChart(scatterStyle="lineMarker")
    chart.style = 2
    chart.title = None
    chart.legend = Legend()
    chart.legend.position = "b"
    chart.x_axis.title = visible(f"Calibrator value ({fit.range.unit}), log scale; zero not shown")
    chart.y_axis.title = od_label(record)
    chart.x_axis.scaling.logBase = 10
    chart.x_axis.number_format = "#,##0"
    chart.y_axis.number_format = "0.0"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.majorGridlines = None
    chart.y_axis.scaling.min = 0
    chart.width, chart.height = 15, 9
    _points(sheet, chart, fit)
    _line(sheet, chart, fit)
    return chart


def _points(sheet: Sheet, chart: ScatterChart, fit: CurveFit) -> None:
    """One series of markers for each replicate, over the calibrator table in the chart's own block."""
    table = tables.chart_points(fit)
    top, _ = sheet.table(table)
    last = top + len(table.rows)
    xs = Reference(sheet.ws, min_col=1, min_row=top + 1, max_row=last)
    for column in range(2, len(table.columns) + 1):
        ys = Reference(sheet.ws, min_col=column, min_row=top + 1, max_row=last)
        series = Series(ys, xs, title=f"Well {column - 1}")
        series.marker.symbol = "circle"
        series.marker.size = 7
        series.marker.graphicalProperties.solidFill = NEUTRAL.colour[1:]
        series.marker.graphicalProperties.line.solidFill = NEUTRAL.colour[1:]
        series.graphicalProperties.line.noFill = True
        chart.series.append(series)


def _line(sheet: Sheet, chart: ScatterChart, fit: CurveFit) -> None:
    table = tables.curve_line(fit)
    top, _ = sheet.table(table)
    last = top + sum(at > 0 for at, _ in fit.line)
    xs = Reference(sheet.ws, min_col=1, min_row=top + 1, max_row=last)
    ys = Reference(sheet.ws, min_col=2, min_row=top + 1, max_row=last)
    series = Series(ys, xs, title="fitted curve")
    series.marker.symbol = "none"
    series.graphicalProperties.line.solidFill = INK_CODE
    series.graphicalProperties.line.width = 19_000
    series.smooth = False
    chart.series.append(series)
