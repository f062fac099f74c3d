"""The sheet 'Summary': verdict, why, what to do, counts, and one line a sample."""

from __future__ import annotations

import math

from openpyxl.utils import get_column_letter

from pipeline.domain.record import RunRecord
from pipeline.report.excel.cells import SheetWriter
from pipeline.report.first_page.view import Overview, overview
from pipeline.report.tables.columns import table_of
from pipeline.report.tables.control_columns import controls
from pipeline.report.tables.sample_columns import SUMMARY, fitting, rows_of

_FACTS_ROW = 6
_COLUMNS = 12
_SPANS = (1, 1, 1, 5, 1, 1, 1, 1)
"""Of the columns of samples over those of the controls below: the titer in words over its numbers."""
_LEFT, _COUNTS, _NUMBER = (2, 6), (8, 10), 11
"""Columns of the facts on the left, and of the counts on the right with their numbers."""
_EMPTY = "An empty cell: does not apply, or could not be determined; the reasons stand on the sheet Samples."
_TALLEST = 400.0


def summary_sheet(sheet: SheetWriter, record: RunRecord) -> None:
    """Everything that decides about the plate, on one page."""
    view = overview(record)
    sheet.prose_width = 34.0
    sheet.widths = {1: 14.0}
    sheet.row = _FACTS_ROW + 2 + max(len(view.identity), len(view.counts))
    spans = dict(zip(SUMMARY, _SPANS, strict=True))
    fields = fitting(SUMMARY, record)
    table = table_of("Samples", fields, rows_of(record))
    top, _ = sheet.table(table, spans=tuple(spans[field] for field in fields))
    sheet.table(controls(record))
    sheet.note(_EMPTY)
    sheet.finish()
    _banner(sheet, view)
    _facts(sheet, view)
    sheet.ws.freeze_panes = "A3"
    sheet.ws.print_title_rows = f"{top}:{top}"
    if record.samples:
        last = get_column_letter(sum(spans[field] for field in fields))
        sheet.ws.auto_filter.ref = f"A{top}:{last}{top + len(record.samples)}"


def _banner(sheet: SheetWriter, view: Overview) -> None:
    """Verdict, why and what to do, each over the whole width of the tables below."""
    width = sum(sheet.widths.get(column, 8.0) for column in range(1, _COLUMNS + 1))
    lines = (
        (view.title, "plain", 11.0),
        (view.word.marked, f"{view.word.tone.name} banner", 20.0),
        (f"Why: {view.why}", "plain", 11.0),
        (f"What to do: {view.action}", "plain", 11.0),
    )
    for row, (text, style, size) in enumerate(lines, start=1):
        sheet.write(row, 1, text, style)
        sheet.merge(row, 1, _COLUMNS)
        needed = math.ceil(len(text) * size / (width * 10))
        sheet.ws.row_dimensions[row].height = min(max(1, needed) * size * 1.4 + 6, _TALLEST)


def _facts(sheet: SheetWriter, view: Overview) -> None:
    """Identity on the left, counts on the right."""
    for row, (label, text) in enumerate(view.identity, start=_FACTS_ROW):
        sheet.write(row, 1, label, "label")
        sheet.write(row, _LEFT[0], text, "text")
        sheet.merge(row, *_LEFT)
    for row, (label, count) in enumerate(view.counts, start=_FACTS_ROW):
        sheet.write(row, _COUNTS[0], label, "label")
        sheet.merge(row, *_COUNTS)
        sheet.write(row, _NUMBER, count, "whole")
    row = _FACTS_ROW + len(view.counts)
    sheet.write(row, _COUNTS[0], view.balance, view.balance.tone.name)
    sheet.merge(row, _COUNTS[0], _COLUMNS)
