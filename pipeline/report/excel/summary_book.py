"""The batch summary as a workbook: samples, runs and the data dictionary, written row by row.

openpyxl's write-only mode keeps one row in memory. What a sheet says about itself (widths, frozen heading)
comes before its first row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date, datetime
from pathlib import Path
from typing import Any, Generic

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from pipeline.domain.record import RunRecord
from pipeline.record.job import ListedRun
from pipeline.report.excel.cells import number_look, put_number, put_text
from pipeline.report.excel.fingerprint import SUMMARY_TITLE
from pipeline.report.excel.styles import NamedStyles
from pipeline.report.tables import run_columns, sample_columns
from pipeline.report.tables.columns import Field, Row_contra, form_of, plain
from pipeline.report.tables.data_dictionary import DICTIONARY, dictionary_rows
from pipeline.report.words.tones import RUN_VERDICTS, Format, Tone, as_date, class_word, show

_TIME_CODE = "yyyy-mm-dd hh:mm"
_A4 = 9
_FIRST_YEAR = 1901
_PRINTED: Mapping[str, tuple[str, str]] = {
    "Results": ("sample_id", "titer_unit"),
    "Runs": ("verdict", "invalid"),
}
"""Sheet -> first and last column on paper, beside that of the run; all of them could not be read there."""
_WIDTHS: Mapping[str, float] = {
    "run_id": 40,
    "run_key": 10,
    "supersedes": 13,
    "processed_at": 17,
    "plate": 12,
    "export": 28,
    "assay": 27,
    "sample_id": 20,
    "classification": 33,
    "class_in_words": 28,
    "titer_text": 38,
    "verdict": 24,
    "reasons": 26,
    "flags": 24,
    "next_step": 70,
    "failed_checks": 26,
    "controls": 34,
    "superseded_by": 16,
    "review": 9,
    "hnk1_format": 13,
}
"""In characters; the others are as wide as their heading."""
_DICTIONARY_WIDTHS = (9.0, 30.0, 15.0, 14.0, 92.0, 44.0)


class SummaryBook:
    """The workbook while it is written: :meth:`add` each run, then :meth:`save`."""

    def __init__(self) -> None:
        """Begin the three sheets."""
        self._book = Workbook(write_only=True)
        styles = NamedStyles(self._book)
        self._results = _Page(self._book, styles, "Results", sample_columns.CSV)
        self._runs = _Page(self._book, styles, "Runs", run_columns.COLUMNS)
        self._columns = _dictionary(self._book, styles)

    def add(self, record: RunRecord, listed: ListedRun) -> None:
        """Write a run and its samples."""
        verdict = RUN_VERDICTS[record.verdict].tone
        for row in sample_columns.rows_of(record):
            tones = {"verdict": verdict, "class_in_words": class_word(row.sample.classification).tone}
            self._results.append(row, tones)
        self._runs.append(run_columns.RunRow(listed, record), {"verdict": verdict})

    def abandon(self) -> None:
        """Close the files in which the sheets grow; the workbook is not written."""
        for page in (self._results, self._runs, self._columns):
            page.close()

    def save(self, path: Path) -> None:
        """Finish the sheets and write the file."""
        for page in (self._results, self._runs, self._columns):
            page.finish()
        self._book.properties.title = SUMMARY_TITLE
        self._book.properties.creator = "titerline"
        self._book.save(path)


class _Page(Generic[Row_contra]):
    """A sheet that is written from top to bottom, with its heading frozen, filtered and repeated."""

    def __init__(
        self,
        book: Workbook,
        styles: NamedStyles,
        title: str,
        fields: Sequence[Field[Row_contra]],
        widths: Sequence[float] = (),
    ) -> None:
        self._styles, self._fields = styles, fields
        self._time: StyleArray | None = None
        self._ws: Any = book.create_sheet(title)  # the stubs do not know write-only sheets
        for place, width in enumerate(widths or [_width(field.name) for field in fields], start=1):
            self._ws.column_dimensions[get_column_letter(place)].width = width
        self._set_up()
        self._ws.append([self._text(field.name, _heading(field.form)) for field in fields])
        self._rows = 1

    def append(self, row: Row_contra, tones: Mapping[str, Tone], style: str = "text") -> None:
        """Write one row; ``tones`` colour the words of some columns."""
        self._ws.append([self._cell(field, row, tones, style) for field in self._fields])
        self._rows += 1

    def finish(self) -> None:
        """Set filter and print area, which have to know the last row."""
        names = [field.name for field in self._fields]
        self._ws.auto_filter.ref = f"A1:{get_column_letter(len(names))}{self._rows}"
        if self._ws.title in _PRINTED:
            first, last = (get_column_letter(names.index(name) + 1) for name in _PRINTED[self._ws.title])
            self._ws.print_area = f"{first}1:{last}{self._rows}"
            self._ws.print_title_cols = "A:A"

    def close(self) -> None:
        """End the sheet as it is."""
        self._ws.close()

    def _set_up(self) -> None:
        ws = self._ws
        ws.freeze_panes = "A2"
        ws.sheet_view.showGridLines = False
        ws.print_title_rows = "1:1"
        ws.page_setup.orientation = "landscape"
        ws.page_setup.paperSize = _A4
        ws.page_setup.fitToHeight = 0
        ws.page_margins.left = ws.page_margins.right = 0.4
        ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        ws.oddFooter.left.text, ws.oddFooter.right.text = ws.title, "Page &P of &N"

    def _cell(self, field: Field[Row_contra], row: Row_contra, tones: Mapping[str, Tone], style: str) -> Cell:
        value = plain(field, row)
        style = tones[field.name].name if field.name in tones else style
        if isinstance(value, bool):  # as in the CSV file: some programs show truth as 1
            return self._text(str(value).lower(), style)
        if isinstance(value, float | int):
            form = form_of(field, (row,))
            cell = self._styled(None, number_look(show(value, form), form))
            put_number(cell, value)
            return cell
        if value is None:
            return self._styled(None, style)
        moment = _moment(value, field.form)
        return self._text(value, style) if moment is None else self._dated(moment)

    def _styled(self, value: date | None, style: str) -> Cell:
        cell = WriteOnlyCell(self._ws)
        cell.value = value
        self._styles.apply(cell, style)
        return cell

    def _text(self, value: str, style: str) -> Cell:
        cell = WriteOnlyCell(self._ws)
        put_text(cell, value)
        self._styles.apply(cell, style, text=True)
        return cell

    def _dated(self, moment: date) -> Cell:
        cell = self._styled(moment, "date")
        if isinstance(moment, datetime):
            cell._style = self._with_time(cell)  # type: ignore[attr-defined]  # noqa: SLF001 - as NamedStyles does
        return cell

    def _with_time(self, cell: Cell) -> StyleArray:
        """The style of a date with its time; cells of one style share one array, so a copy is changed."""
        if self._time is None:
            cell._style = copy(cell._style)  # type: ignore[attr-defined]  # noqa: SLF001 - the same
            cell.number_format = _TIME_CODE
            self._time = cell._style  # type: ignore[attr-defined]  # noqa: SLF001 - the same
        return self._time


def _dictionary(book: Workbook, styles: NamedStyles) -> _Page[Sequence[str]]:
    page = _Page(book, styles, "Columns", DICTIONARY, _DICTIONARY_WIDTHS)
    for row in dictionary_rows():
        page.append(row, {}, "wrapped")
    return page


def _heading(form: Format) -> str:
    return "number heading" if form.numeric else "heading"


def _width(name: str) -> float:
    return _WIDTHS.get(name, len(name) * 1.08 + 3.5)


def _moment(text: str, form: Format) -> date | None:
    """A date, or a time as the clock on the wall showed it; None for text that Excel has no date for."""
    if form is Format.DATE:
        day = as_date(text)
        return day if isinstance(day, date) else None
    if form is not Format.TIME:
        return None
    try:
        found = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
    return found if found.year >= _FIRST_YEAR else None
