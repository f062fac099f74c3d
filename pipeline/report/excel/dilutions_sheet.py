"""The sheet 'Dilutions': each dilution of samples and controls, and the course of the net OD as charts.

One table; on paper its last columns, the wells behind each mean, stand on a page of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from openpyxl.chart import ScatterChart
from openpyxl.utils import get_column_letter

from pipeline.domain.record import RunRecord
from pipeline.domain.results import DilutionResult, SampleResult
from pipeline.report.excel.cells import Sheet
from pipeline.report.excel.chart_parts import Block, decades, line_series, log_chart, place_chart
from pipeline.report.excel.sheet_parts import listing
from pipeline.report.tables.results import (
    Table,
    antigens_of,
    heading,
    in_titer,
    interval,
    make_table,
    parse_columns,
)
from pipeline.report.words.text import short, visible
from pipeline.report.words.tones import Value, reason_text

_PER_CHART = 6
"""Curves that one chart can hold and a reader can tell apart."""
_PER_LINE = 2
_CHART_ROWS = 17
_SIZE_CM = (15.5, 8.0)
_ONE_PAGE = 45
"""Rows that one printed page can hold."""


def dilutions_sheet(sheet: Sheet, record: RunRecord) -> None:
    """What counts first, the wells behind it to the right, charts of the samples below."""
    results = [*record.samples, *(control.result for control in record.controls)]
    sheet.prose_width = 30.0
    table = dilutions(results)
    top, bottom = listing(sheet, table, frozen_columns=3)
    sheet.ws.print_title_cols = "A:C"
    headings = [column.heading for column in table.columns]
    _charts(sheet, record, (top + 1, headings.index("Net OD") + 1))
    _print_areas(sheet, headings.index("Why not") + 1, bottom)
    sheet.finish()


def dilutions(results: list[SampleResult]) -> Table:
    """One line a sample and dilution: ODs, net OD, cut-off, titer, why it does not count, and the wells."""
    antigens = antigens_of(results)
    ods = "".join(f"{heading(antigen)} OD|od; " for antigen in antigens)
    columns = parse_columns(
        f"Sample; Slot; Dilution|dilution; {ods}Net OD|od; SE|od; Specific %|percent; 95 % low|percent; "
        "95 % high|percent; Cut-off OD|od; Positive; HNK1 net OD|od; HNK1 SE|od; Titer|titer; "
        "95 % low|titer; 95 % high|titer; In titer; Why not|prose"
        + "".join(f"; {a} n|whole; {a} CV %|percent; {a} range|od; {a} wells" for a in map(heading, antigens))
    )
    return make_table("Dilutions", columns, (_line(*each, antigens) for each in _steps(results)))


def _steps(results: list[SampleResult]) -> Iterator[tuple[SampleResult, DilutionResult]]:
    for sample in results:
        for step in sample.dilutions:
            yield sample, step


def _line(sample: SampleResult, step: DilutionResult, antigens: list[str]) -> tuple[Value, ...]:
    return (
        *(sample.sample_id, sample.slot, step.dilution),
        *(step.od[antigen].mean if antigen in step.od else None for antigen in antigens),
        *(step.net_od, step.net_od_se, *_specific(step), step.cutoff_od, step.positive),
        *(step.hnk1_net_od, step.hnk1_net_od_se, step.titer, *interval(step.titer_ci95)),
        *(in_titer(sample, used=step.used), reason_text(step.reason)),
        *(cell for antigen in antigens for cell in _wells(step, antigen)),
    )


def _specific(step: DilutionResult) -> tuple[Value, ...]:
    """Percent of the antigen wells' signal that is specific, with its interval."""
    if step.specific_fraction is None:
        return (None, None, None)
    ends = [None if end is None else 100 * end for end in step.specific_fraction_ci95 or (None, None)]
    return (100 * step.specific_fraction, *ends)


def _wells(step: DilutionResult, antigen: str) -> tuple[Value, ...]:
    """The wells behind a mean: how many, how far apart, and which."""
    found = step.od.get(antigen)
    names = " ".join(step.wells.get(antigen, ())) or None
    if found is None:
        return (None, None, None, names)
    return (found.n, found.cv_percent, found.range_od, names)


def _charts(sheet: Sheet, record: RunRecord, corner: tuple[int, int]) -> None:
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


def _print_areas(sheet: Sheet, first: int, bottom: int) -> None:
    """The first columns with the charts, or the charts after them; then the columns of the wells."""
    last, end = get_column_letter(first), sheet.row - 1
    right = get_column_letter(sheet.ws.max_column)
    areas = [f"A1:{last}{end}"] if end <= _ONE_PAGE else [f"A1:{last}{bottom}", f"A{bottom + 1}:{last}{end}"]
    if sheet.ws.max_column > first:
        areas.append(f"{get_column_letter(first + 1)}1:{right}{bottom}")
    sheet.ws.print_area = ",".join(areas)


def _blocks(samples: tuple[SampleResult, ...], corner: tuple[int, int]) -> Iterator[tuple[str, Block]]:
    """Where the net ODs of each sample stand, next to their dilutions in the third column."""
    row, column = corner
    for sample in samples:
        last = row + len(sample.dilutions) - 1
        if sum(step.net_od is not None for step in sample.dilutions) > 1:
            yield short(visible(sample.sample_id), 20), Block(3, column, row, last)
        row = last + 1


def _chart(sheet: Sheet, group: list[tuple[str, Block]]) -> ScatterChart:
    chart = log_chart("Dilution of the serum, log scale", "Net OD", '"1:"#,##0', _SIZE_CM)
    for number, (name, block) in enumerate(group):
        chart.series.append(line_series(sheet, block, name, number))
    return chart
