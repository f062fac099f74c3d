"""The sheet 'Samples': every field of every sample, in blocks that fit one page in width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.record import RunRecord
from pipeline.report.excel.cells import SheetWriter
from pipeline.report.tables import sample_columns as columns
from pipeline.report.tables.columns import Field, table_of
from pipeline.report.tables.sample_columns import SampleRow

_WIDTHS = (14, 7, 28, 8, 10, 10, 10, 10, 11, 12, 11, 30, 32)
"""Of the columns that all blocks share, in characters."""
_ONE_PAGE = 5
"""Samples whose blocks one printed page can hold."""
_NO_ONE = "There is no sample on this plate."


@dataclass(frozen=True, slots=True)
class _Block:
    """One table; each starts with id and slot, and runs over the same thirteen columns."""

    title: str
    fields: tuple[Field[SampleRow], ...]
    spans: tuple[int, ...] = ()
    without_hnk1: str = ""
    """The title where the assay does not ask for HNK1, if that is another."""

    def of(self, record: RunRecord) -> _Block:
        """The block with the columns that fit a record."""
        if record.asks_hnk1:
            return self
        left = columns.fitting(self.fields, record)
        spans = dict(zip(self.fields, self.spans, strict=False))
        kept = tuple(spans[field] for field in left if field in spans)
        return _Block(self.without_hnk1 or self.title, left, kept)


_BLOCKS = (
    _Block("Results", columns.RESULTS),
    _Block("Titers of the dilution series, as reciprocal dilutions", columns.TITERS),
    _Block(
        *("Course over the dilutions, and antigen-negative check", columns.COURSE),
        (1, 1, 1, 1, 1, 1, 1, 1, 1, 2),
    ),
    _Block(
        *("HNK1 check, and non-specific binding", columns.HNK1, (1, 1, 1, 1, 1, 1, 1, 1, 1, 2)),
        without_hnk1="Non-specific binding",
    ),
    _Block("What it means", columns.MEANING, (1, 4, 4, 1, 1)),
    _Block("Result texts", columns.REPORTED, (1, 10)),
    _Block("From the sample sheet, and other units", columns.SHEET, (1, 1, 2, 5, 1, 1)),
    _Block("Further", columns.FURTHER),
)


def samples_sheet(sheet: SheetWriter, record: RunRecord) -> None:
    """The blocks one below the other; the first one, which most readers want, can be filtered."""
    sheet.prose_width = 32.0
    sheet.widths = {number: float(width) for number, width in enumerate(_WIDTHS, start=1)}
    rows = columns.rows_of(record)
    if not rows:
        sheet.note(_NO_ONE)
    blocks = [block.of(record) for block in _BLOCKS]
    areas = [_write(sheet, block, rows) for block in blocks if rows and block.fields]
    if areas:
        sheet.ws.auto_filter.ref = areas[0]
    if len(rows) <= _ONE_PAGE:
        sheet.ws.page_setup.fitToHeight = 1
    else:
        sheet.ws.print_area = ",".join(areas)  # each block on a page of its own
    sheet.ws.freeze_panes = "C1"
    sheet.finish()


def _write(sheet: SheetWriter, block: _Block, rows: Sequence[SampleRow]) -> str:
    """Write a block; returns its cells from the heading to the last line."""
    spans = (1, 1, *block.spans) if block.spans else ()
    named = columns.NAMED[:2]
    top, bottom = sheet.table(table_of(block.title, (*named, *block.fields), rows), spans=spans)
    return f"A{top}:M{bottom}"
