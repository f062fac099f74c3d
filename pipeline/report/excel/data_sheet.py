"""The sheet 'Data': one line a sample as ``results.csv`` has it, to sort, filter, copy and count."""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table, TableStyleInfo

from pipeline.domain.record import RunRecord
from pipeline.report.excel.cells import SheetWriter, is_number, number_look
from pipeline.report.tables.columns import Plain
from pipeline.report.tables.sample_columns import CSV, HEADER, sample_rows
from pipeline.report.words.tones import Format, show

_NAME = "Data"
_STYLE = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
_LEAST, _MOST = 9.0, 34.0
"""Width of a column in characters."""


def data_sheet(sheet: SheetWriter, record: RunRecord) -> None:
    """A table of Excel with names, codes and numbers of ``results.csv``; headings alone without samples."""
    for at, name in enumerate(HEADER, start=1):
        sheet.write(1, at, name, "heading")
    rows = sample_rows(record)
    for row, values in enumerate(rows, start=2):
        for at, (field, value) in enumerate(zip(CSV, values, strict=True), start=1):
            _put(sheet, (row, at), value, field.form)
    for at, name in enumerate(HEADER, start=1):
        longest = max((len(str(row[at - 1])) for row in rows if isinstance(row[at - 1], str)), default=0)
        sheet.widths[at] = min(max(_LEAST, len(name) + 4.0, longest + 2.0), _MOST)
    if rows:
        area = f"A1:{get_column_letter(len(HEADER))}{len(rows) + 1}"
        sheet.ws.add_table(Table(displayName=_NAME, name=_NAME, ref=area, tableStyleInfo=_STYLE))
    sheet.ws.freeze_panes = "A2"
    sheet.finish()


def _put(sheet: SheetWriter, place: tuple[int, int], value: Plain, form: Format) -> None:
    """A number as a number; text and truth values as ``results.csv`` writes them, each on one line."""
    if isinstance(value, bool):
        sheet.write(*place, "true" if value else "false", "text")
    elif isinstance(value, float | int) and is_number(value):
        sheet.write(*place, value, number_look(show(value, form), form))
    else:
        sheet.write(*place, value, "text")
