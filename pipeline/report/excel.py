"""``results.xlsx``: the record as a workbook for work and print. Numbers are the record's, unrounded."""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Callable, Mapping

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.domain.record import RunRecord
from pipeline.report import quality, tables
from pipeline.report.cells import Sheet
from pipeline.report.charts import has_curve
from pipeline.report.curve_sheet import add_picture, curve_sheet
from pipeline.report.figures import dilution_curves
from pipeline.report.looks import Look, Wardrobe
from pipeline.report.plate_sheet import plate_sheet
from pipeline.report.provenance import provenance
from pipeline.report.text import short, visible
from pipeline.report.view import Overview, overview
from pipeline.report.worklist import NOTHING, worklist

_A4 = 9
_BANNER_COLUMNS = 12
_FACTS_ROW = 6
_EMPTY = "An empty cell: does not apply, or could not be determined; the reasons stand beside it."


def workbook(record: RunRecord) -> bytes:
    """The whole workbook, as bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    wardrobe = Wardrobe(book)
    for title, fill in _SHEETS.items():
        fill(Sheet(book.create_sheet(title), wardrobe), record)
    for sheet in book.worksheets:
        _print_setup(sheet, record)
    book.properties.creator = "titerline"
    book.properties.title = visible(f"{record.run.assay_title or record.run.assay}: {record.run.id}")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _print_setup(ws: Worksheet, record: RunRecord) -> None:
    ws.sheet_view.showGridLines = False
    ws.page_setup.orientation = "landscape"
    ws.page_setup.paperSize = _A4
    ws.page_setup.fitToWidth = 3 if ws.title == "Samples" else 1
    ws.page_setup.fitToHeight = 0
    ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = ws.page_margins
    margins.left = margins.right = 0.4
    margins.top = margins.bottom = 0.7
    ws.oddHeader = _ends(_header_text(record.run.assay_title or record.run.assay), _header_text(ws.title))
    ws.oddFooter = _ends(_header_text(record.run.id), "Page &P of &N")


def _ends(left: str, right: str) -> HeaderFooterItem:
    item = HeaderFooterItem()
    item.left.text = left
    item.right.text = right
    return item


def _header_text(text: str) -> str:
    """``&`` starts a code in headers and footers; a header holds 255 characters in all."""
    return short(visible(text), 90).replace("&", "&&")


def _summary(sheet: Sheet, record: RunRecord) -> None:
    view = overview(record)
    sheet.row = _FACTS_ROW + 2 + max(len(view.identity), len(view.counts))
    sheet.table(tables.sample_summary(record))
    sheet.table(tables.controls(record))
    sheet.note(_EMPTY)
    sheet.finish()
    _banner(sheet, view)
    _facts(sheet, view)


def _banner(sheet: Sheet, view: Overview) -> None:
    """Verdict, why and what to do, each over the whole width of the tables below."""
    width = sum(sheet.widths.get(column, 8.0) for column in range(1, _BANNER_COLUMNS + 1))
    tone = view.word.tone
    plain = Look("large", "banner", "none")
    lines = (
        (view.title, plain, 11.0),
        (view.word.marked, Look("banner", "banner", "none", ink=tone.ink, fill=tone.colour), 20.0),
        (f"Why: {view.why}", plain, 11.0),
        (f"What to do: {view.action}", plain, 11.0),
    )
    for row, (text, look, size) in enumerate(lines, start=1):
        sheet.write(row, 1, text, look)
        sheet.ws.merge_cells(start_row=row, end_row=row, start_column=1, end_column=_BANNER_COLUMNS)
        needed = math.ceil(len(text) * size / (width * 10))
        sheet.ws.row_dimensions[row].height = max(1, needed) * size * 1.4 + 6


def _facts(sheet: Sheet, view: Overview) -> None:
    """Identity on the left, counts on the right; long texts run over the merged cells."""
    look = Look()
    for row, (label, text) in enumerate(view.identity, start=_FACTS_ROW):
        sheet.write(row, 1, label, look)
        sheet.write(row, 2, text, look)
        sheet.ws.merge_cells(start_row=row, end_row=row, start_column=2, end_column=6)
    for row, (label, count) in enumerate(view.counts, start=_FACTS_ROW):
        sheet.write(row, 8, label, look)
        sheet.write(row, 11, count, Look(align="right", code="#,##0"))
        sheet.ws.merge_cells(start_row=row, end_row=row, start_column=8, end_column=10)
    tone = view.balance.tone
    row = _FACTS_ROW + len(view.counts)
    sheet.write(row, 8, view.balance, Look("bold", ink=tone.text, fill=tone.pale))
    sheet.ws.merge_cells(start_row=row, end_row=row, start_column=8, end_column=_BANNER_COLUMNS)


def _listing(sheet: Sheet, table: tables.Table, frozen_columns: int) -> None:
    """A table that starts the sheet: headings frozen, filtered and repeated on each printed page."""
    top, bottom = sheet.table(table, titled=False)
    last = get_column_letter(len(table.columns))
    sheet.ws.freeze_panes = f"{get_column_letter(frozen_columns + 1)}{top + 1}"
    if table.rows:
        sheet.ws.auto_filter.ref = f"A{top}:{last}{bottom}"
    sheet.ws.print_title_rows = f"{top}:{top}"


def _samples(sheet: Sheet, record: RunRecord) -> None:
    _listing(sheet, tables.samples(record), 3)
    sheet.ws.print_title_cols = "A:C"
    sheet.finish()


def _worklist(sheet: Sheet, record: RunRecord) -> None:
    table = worklist(record)
    _listing(sheet, table, 2)
    if not table.rows:
        sheet.note(NOTHING)
    sheet.finish()


def _dilutions(sheet: Sheet, record: RunRecord) -> None:
    results = itertools.chain(record.samples, (control.result for control in record.controls))
    _listing(sheet, tables.dilutions(results), 3)
    curves = sum(map(has_curve, record.samples))
    if curves:
        sheet.title("Dilution curves")
        add_picture(sheet, dilution_curves(record), width=min(curves, 4) * 300)
    sheet.finish()


def _wells(sheet: Sheet, record: RunRecord) -> None:
    _listing(sheet, tables.wells(record), 1)
    sheet.finish()


def _quality(sheet: Sheet, record: RunRecord) -> None:
    _listing(sheet, quality.findings(record.findings), 2)
    sheet.table(quality.exclusions(record))
    sheet.finish()


def _provenance(sheet: Sheet, record: RunRecord) -> None:
    for table in provenance(record):
        sheet.table(table)
    sheet.widths[2] = max(sheet.widths.get(2, 0.0), 60.0)
    sheet.finish()


_SHEETS: Mapping[str, Callable[[Sheet, RunRecord], None]] = {
    "Summary": _summary,
    "Samples": _samples,
    "Worklist": _worklist,
    "Dilutions": _dilutions,
    "Standard curve": curve_sheet,
    "Plate": plate_sheet,
    "Wells": _wells,
    "QC": _quality,
    "Provenance": _provenance,
}
