"""The sheet 'Dilutions': each dilution of samples and controls, and the course of the net OD as charts.

One table; on paper its last columns, the wells behind each mean, stand on a page of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from openpyxl.chart import ScatterChart
from openpyxl.utils import get_column_letter

from pipeline.domain.record import RunRecord
from pipeline.domain.results import SampleResult
from pipeline.report.excel.cells import SheetWriter
from pipeline.report.excel.chart_parts import SeriesCells, decades, line_series, log_chart, place_chart
from pipeline.report.excel.sheet_parts import listing
from pipeline.report.tables.columns import table_of
from pipeline.report.tables.dilution_columns import antigens_of, columns, steps_of
from pipeline.report.tables.sample_columns import fitting
from pipeline.report.words.text import short, visible

_PER_CHART = 6
"""Curves that one chart can hold and a reader can tell apart."""
_PER_LINE = 2
_CHART_ROWS = 17
_SIZE_CM = (15.5, 8.0)
_ONE_PAGE = 45
"""Rows that one printed page can hold."""


def dilutions_sheet(sheet: SheetWriter, record: RunRecord) -> None:
    """One line a sample and dilution: what counts first, the wells behind it to the right, charts below."""
    results = [*record.samples, *(control.result for control in record.controls)]
    sheet.prose_width = 30.0
    fields = fitting(columns(antigens_of(results), record.run.unit), record)
    table = table_of("Dilutions", fields, steps_of(results))
    top, bottom = listing(sheet, table, frozen_columns=3)
    sheet.ws.print_title_cols = "A:C"
    headings = [column.heading for column in table.columns]
    _charts(sheet, record, (top + 1, headings.index("Net OD") + 1))
    _print_areas(sheet, headings.index("Why not") + 1, bottom)
    sheet.finish()


def _charts(sheet: SheetWriter, record: RunRecord, corner: tuple[int, int]) -> None:
    """Charts of up to six samples each; ``corner`` is row and column of the first net OD."""
    blocks = list(_blocks(record.samples, corner))
    if not blocks:
        return
    sheet.title("Net OD over the dilutions")
    top = sheet.row
    for number, start in enumerate(range(0, len(blocks), _PER_CHART)):
        row, column = divmod(number, _PER_LINE)
        chart = _chart(sheet, blocks[start : start + _PER_CHART])
        decades(chart, (step.dilution for sample in record.samples for step in sample.dilutions))
        place_chart(sheet, chart, top + row * _CHART_ROWS, column * _SIZE_CM[0])
    sheet.row = top + -(-len(blocks) // (_PER_CHART * _PER_LINE)) * _CHART_ROWS


def _print_areas(sheet: SheetWriter, first: int, bottom: int) -> None:
    """The first columns with the charts, or the charts after them; wells to the right take no paper."""
    last, end = get_column_letter(first), sheet.row - 1
    areas = [f"A1:{last}{end}"] if end <= _ONE_PAGE else [f"A1:{last}{bottom}", f"A{bottom + 1}:{last}{end}"]
    sheet.ws.print_area = ",".join(areas)


def _blocks(samples: tuple[SampleResult, ...], corner: tuple[int, int]) -> Iterator[tuple[str, SeriesCells]]:
    """Where the net ODs of each sample stand, next to their dilutions in the third column."""
    row, column = corner
    for sample in samples:
        last = row + len(sample.dilutions) - 1
        if sum(step.net_od is not None for step in sample.dilutions) > 1:
            yield short(visible(sample.sample_id), 20), SeriesCells(3, column, row, last)
        row = last + 1


def _chart(sheet: SheetWriter, group: list[tuple[str, SeriesCells]]) -> ScatterChart:
    chart = log_chart("Dilution of the serum, log scale", "Net OD", '"1:"#,##0', _SIZE_CM)
    for number, (name, block) in enumerate(group):
        chart.series.append(line_series(sheet, block, name, number))
    return chart
