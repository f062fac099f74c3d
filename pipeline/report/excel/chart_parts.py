"""Native charts of the workbook: a look, series over cells, and a place on the sheet."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from openpyxl.chart import Reference, ScatterChart
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.legend import Legend
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import Series as ChartSeries
from openpyxl.chart.series_factory import SeriesFactory
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D

from pipeline.report.excel.cells import SheetWriter
from pipeline.report.words.text import visible
from pipeline.report.words.tones import INK_CODE

LegendPlace: TypeAlias = Literal["b", "r"]
Symbol: TypeAlias = Literal["circle", "square", "triangle", "diamond", "x", "star"]

_EMU_PER_CM, _EMU_PER_PIXEL = 360_000, 9_525
_PIXELS_PER_CHARACTER, _PIXELS_BESIDE = 7, 5
_DEFAULT_WIDTH = 8.43
_GRID_CODE = "D9D9D9"
_THIN, _STRONG = 9_525, 19_050
"""Line widths in EMU: 0.75 and 1.5 points."""

CURVES: tuple[tuple[str, Symbol], ...] = (
    ("0072B2", "circle"),
    ("D55E00", "square"),
    ("009E73", "triangle"),
    ("CC79A7", "diamond"),
    ("E69F00", "x"),
    ("56B4E9", "star"),
)
"""Okabe-Ito colour and marker of each curve: colour never alone."""


@dataclass(frozen=True, slots=True)
class SeriesCells:
    """Cells of one series: columns of x and y, first and last row."""

    x: int
    y: int
    first: int
    last: int


def log_chart(
    x_title: str, y_title: str, x_code: str, size_cm: tuple[float, float], legend: LegendPlace = "r"
) -> ScatterChart:
    """An empty scatter chart with a logarithmic x axis; its legend right or at the bottom (``b``)."""
    chart = ScatterChart(scatterStyle="lineMarker")
    chart.style = 2
    chart.width, chart.height = size_cm  # type: ignore[assignment]  # the stubs want whole numbers
    chart.legend = Legend(legendPos=legend)
    chart.x_axis.title, chart.y_axis.title = visible(x_title), visible(y_title)
    chart.x_axis.scaling.logBase = 10
    chart.x_axis.number_format, chart.y_axis.number_format = x_code, "0.0"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.tickLblPos = "low"
    chart.x_axis.majorGridlines = None
    grid = GraphicalProperties(ln=LineProperties(solidFill=_GRID_CODE))
    chart.y_axis.majorGridlines = ChartLines(spPr=grid)
    return chart


def decades(chart: ScatterChart, values: Iterable[float]) -> None:
    """Let the x axis run over whole powers of ten; programs choose differently where it is left to them."""
    found = [value for value in values if value > 0]
    if found:
        chart.x_axis.scaling.min = 10.0 ** math.floor(math.log10(min(found)))
        chart.x_axis.scaling.max = 10.0 ** math.ceil(math.log10(max(found)))


def line_series(sheet: SheetWriter, block: SeriesCells, name: str, number: int) -> ChartSeries:
    """Markers joined by straight lines, in the colour and marker of that number."""
    series = _series(sheet, block, name)
    _mark(series, *CURVES[number % len(CURVES)])
    series.graphicalProperties.line.solidFill = CURVES[number % len(CURVES)][0]
    series.graphicalProperties.line.width = _STRONG
    return series


def points_series(
    sheet: SheetWriter, block: SeriesCells, name: str, colour: str, symbol: Symbol
) -> ChartSeries:
    """Markers alone."""
    series = _series(sheet, block, name)
    _mark(series, colour, symbol)
    series.graphicalProperties.line.noFill = True
    return series


def smooth_series(sheet: SheetWriter, block: SeriesCells, name: str) -> ChartSeries:
    """A fitted curve: a smooth line without markers."""
    series = _series(sheet, block, name)
    series.marker = Marker(symbol="none")
    series.graphicalProperties.line.solidFill = INK_CODE
    series.graphicalProperties.line.width = _STRONG
    series.smooth = True
    return series


def limit_series(sheet: SheetWriter, block: SeriesCells, name: str, colour: str, dash: str) -> ChartSeries:
    """A straight broken line, such as a limit."""
    series = _series(sheet, block, name)
    series.marker = Marker(symbol="none")
    series.graphicalProperties.line.solidFill = colour
    series.graphicalProperties.line.dashStyle = dash
    series.graphicalProperties.line.width = _STRONG
    return series


def _series(sheet: SheetWriter, block: SeriesCells, name: str) -> ChartSeries:
    xs = Reference(sheet.ws, min_col=block.x, min_row=block.first, max_row=block.last)
    ys = Reference(sheet.ws, min_col=block.y, min_row=block.first, max_row=block.last)
    series: ChartSeries = SeriesFactory(ys, xs, title=visible(name))
    series.smooth = False
    return series


def _mark(series: ChartSeries, colour: str, symbol: Symbol) -> None:
    look = GraphicalProperties(ln=LineProperties(solidFill=colour))
    if symbol not in ("x", "star"):  # these two are lines: a filling would hide them
        look.solidFill = colour
    series.marker = Marker(symbol=symbol, size=7, spPr=look)


def place_chart(sheet: SheetWriter, chart: ScatterChart, row: int, left_cm: float) -> None:
    """Put a chart at a row and a distance from the left edge; the widths of the columns must be known."""
    column, left = 1, round(left_cm * _EMU_PER_CM)
    while left >= (width := _width_emu(sheet, column)):
        left -= width
        column += 1
    corner = AnchorMarker(col=column - 1, colOff=left, row=row - 1, rowOff=0)
    size = XDRPositiveSize2D(round(chart.width * _EMU_PER_CM), round(chart.height * _EMU_PER_CM))
    chart.anchor = OneCellAnchor(_from=corner, ext=size)  # type: ignore[assignment]  # the stubs know names
    sheet.ws.add_chart(chart)


def columns_within(sheet: SheetWriter, right_cm: float) -> int:
    """How many columns reach to a distance from the left edge."""
    column, left = 0, round(right_cm * _EMU_PER_CM)
    while left > 0:
        column += 1
        left -= _width_emu(sheet, column)
    return column


def _width_emu(sheet: SheetWriter, column: int) -> int:
    pixels = sheet.widths.get(column, _DEFAULT_WIDTH) * _PIXELS_PER_CHARACTER + _PIXELS_BESIDE
    return round(pixels) * _EMU_PER_PIXEL
