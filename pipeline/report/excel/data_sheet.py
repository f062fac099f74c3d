"""The sheet 'Data': one line a sample as ``results.csv`` has it, to sort, filter, copy and count."""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table, TableStyleInfo

from pipeline.domain.record import RunRecord
from pipeline.report.excel.cells import SheetWriter, is_number, number_look
from pipeline.report.tables.columns import Plain
from pipeline.report.tables.sample_columns import CSV, fitting, sample_rows
from pipeline.report.words.tones import Format, show

_NAME = "Data"
_STYLE = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
_LEAST, _MOST = 9.0, 34.0
"""Width of a column in characters."""


def data_sheet(sheet: SheetWriter, record: RunRecord) -> None:
    """A table of Excel with names, codes and numbers of ``results.csv``; headings alone without samples.

    An assay that does not ask for HNK1 has no columns of it here.
    """
    rows, kept = sample_rows(record), set(fitting(CSV, record))
    fields = [(n, field) for n, field in enumerate(CSV) if field in kept]
    for at, (n, field) in enumerate(fields, start=1):
        sheet.write(1, at, field.name, "heading")
        for line, row in enumerate(rows, start=2):
            _put(sheet, (line, at), row[n], field.form)
        longest = max((len(text) for row in rows if isinstance(text := row[n], str)), default=0)
        sheet.widths[at] = min(max(_LEAST, len(field.name) + 4.0, longest + 2.0), _MOST)
    if rows:
        area = f"A1:{get_column_letter(len(fields))}{len(rows) + 1}"
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
