"""``results.xlsx``: the record as a workbook for work and print. Numbers are the record's."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.utils import get_column_letter

from pipeline.domain.record import RunRecord
from pipeline.report.excel.cells import SheetWriter
from pipeline.report.excel.control_sheet import control_sheet
from pipeline.report.excel.curve_sheet import curve_sheet
from pipeline.report.excel.data_sheet import data_sheet
from pipeline.report.excel.dilutions_sheet import dilutions_sheet
from pipeline.report.excel.fingerprint import LOOK_MARK, MARK, RUN_MARK, as_property, fingerprint, look_digest
from pipeline.report.excel.plate_sheet import plate_sheet
from pipeline.report.excel.provenance_sheet import provenance_sheet
from pipeline.report.excel.samples_sheet import samples_sheet
from pipeline.report.excel.sheet_parts import listing, protect, screen_only, set_up
from pipeline.report.excel.shown import looks_of
from pipeline.report.excel.styles import NamedStyles
from pipeline.report.excel.summary_sheet import summary_sheet
from pipeline.report.excel.workbook_file import file_bytes, written_at
from pipeline.report.first_page.view import split_findings
from pipeline.report.tables import quality
from pipeline.report.tables import results as tables
from pipeline.report.tables.worklist import NOTHING, worklist


def workbook(record: RunRecord) -> bytes:
    """The whole workbook, as bytes: the same for the same record."""
    return file_bytes(compose(record), written_at(record.run.processed_at))


def compose(record: RunRecord) -> Workbook:
    """The workbook before it is written."""
    book = Workbook()
    book.remove(book.worksheets[0])
    styles = NamedStyles(book)
    for title, fill in _SHEETS.items():
        fill(SheetWriter(book.create_sheet(title), styles), record)
    for sheet in book.worksheets:
        if sheet.title in _ON_SCREEN:
            screen_only(sheet)
        set_up(sheet, record)
        if sheet.title != _UNLOCKED:
            protect(sheet)
    _properties(book, record)
    return book


def _properties(book: Workbook, record: RunRecord) -> None:
    run = record.run
    book.properties.creator = as_property(f"titerline {run.software.titerline}")
    book.properties.title = as_property(f"{run.assay_title or run.assay}: {run.plate}")
    book.properties.subject = as_property(f"Run {run.id}: {record.verdict.value.replace('_', ' ')}")
    book.properties.description = as_property(f"From {run.export.name}. The record is results.json.")
    marks = book.custom_doc_props  # type: ignore[attr-defined]  # not in the stubs
    marks.append(StringProperty(name=RUN_MARK, value=as_property(run.id)))
    marks.append(StringProperty(name=MARK, value=fingerprint(book)))
    marks.append(StringProperty(name=LOOK_MARK, value=look_digest(looks_of(book))))


def _worklist(sheet: SheetWriter, record: RunRecord) -> None:
    table = worklist(record)
    if table.rows:
        listing(sheet, table, frozen_columns=2)
    else:
        sheet.note(NOTHING)
        screen_only(sheet.ws)
    sheet.finish()


def _wells(sheet: SheetWriter, record: RunRecord) -> None:
    listing(sheet, tables.wells(record), frozen_columns=1)
    sheet.finish()


def _quality(sheet: SheetWriter, record: RunRecord) -> None:
    sheet.prose_width = 38.0
    top, _ = listing(sheet, quality.findings(record.findings), frozen_columns=2)
    loud, _ = split_findings(record)
    if loud:
        sheet.ws.print_area = f"A1:{get_column_letter(sheet.ws.max_column)}{top + len(loud)}"
    else:
        screen_only(sheet.ws)
    sheet.table(quality.exclusions(record))
    sheet.finish()


_SHEETS: Mapping[str, Callable[[SheetWriter, RunRecord], None]] = {
    "Summary": summary_sheet,
    "Samples": samples_sheet,
    "Data": data_sheet,
    "Dilutions": dilutions_sheet,
    "Standard curve": curve_sheet,
    "Plates": plate_sheet,
    "QC": _quality,
    "Retest worklist": _worklist,
    "Control charts": control_sheet,
    "Wells": _wells,
    "Provenance": provenance_sheet,
}
_UNLOCKED = "Data"
"""The sheet to work in."""
_ON_SCREEN = frozenset({"Data", "Control charts", "Wells", "Provenance"})
"""Sheets to look things up in; on paper ``report.pdf`` says what there is to say of them."""
