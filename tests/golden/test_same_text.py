"""One number, one text: what a cell of the workbook shows is what page and PDF print, over all sample cases.

The text of a cell is made here of its value and number format. That the PDF prints what the page shows is
tested in test_report_numbers.py.
"""

from __future__ import annotations

import html.parser
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import pytest
from number_format import shown
from openpyxl import Workbook, load_workbook
from sample_cases import RENDERED, SampleCase, records

from pipeline.domain.record import RunRecord
from pipeline.report.drawing.charts import scenes_of
from pipeline.report.excel.workbook import workbook
from pipeline.report.page.html import page

NAMED = {"Sample", "Slot", "Result", "More"}
"""Of a table over samples, beside the columns of a dilution."""
THREE_DIGITS = ("Titer", "Target", "Back-calculated")
"""Columns that the page prints with three digits, and the workbook from 1000 on with all before the point."""
Row = dict[str, str]


@dataclass(frozen=True)
class Run:
    """One plate as tables of the page and as a workbook."""

    record: RunRecord
    text: str
    tables: list[list[Row]]
    """Rows by heading."""
    book: Workbook


class _Tables(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.texts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._inside = True

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._inside:
            self.tables[-1][-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._inside = False


@cache
def _runs(case: SampleCase) -> tuple[Run, ...]:
    return tuple(map(_run, records(case)))


def _run(record: RunRecord) -> Run:
    reader = _Tables()
    reader.feed(page(record, scenes_of(record)).decode())
    tables = [[dict(zip(table[0], row, strict=True)) for row in table[1:]] for table in reader.tables]
    book = load_workbook(io.BytesIO(workbook(record)))
    return Run(record, _plain("".join(reader.texts)), tables, book)


@pytest.fixture(params=RENDERED, ids=str)
def runs(request: pytest.FixtureRequest) -> tuple[Run, ...]:
    """All plates of a sample case."""
    return _runs(request.param)


def _plain(text: str) -> str:
    """Without the signs in which page and spreadsheet differ: spaces, commas, minus, the word for nothing."""
    for old, new in (("\u202f", ""), ("\u00a0", " "), (",", ""), ("\u2212", "-"), ("e", "E")):
        text = text.replace(old, new)
    return "" if text == "\u2013" else text


def _cell(cell: Any) -> str:
    if cell.value is None or isinstance(cell.value, str | date):
        return _plain(str(cell.value or ""))
    return _plain(shown(cell.value, cell.number_format))


def _blocks(sheet: Any, *headings: str) -> Iterator[list[tuple[Row, dict[str, Any]]]]:
    """Each table of a sheet that begins with these headings: its rows as texts and as values."""
    lines = list(sheet.iter_rows())
    for at, line in enumerate(lines):
        if [cell.value for cell in line[: len(headings)]] == list(headings):
            yield list(_rows([cell.value for cell in line], lines[at + 1 :]))


def _rows(headings: list[Any], lines: list[Any]) -> Iterator[tuple[Row, dict[str, Any]]]:
    for line in lines:
        if all(cell.value is None for cell in line[1:]):  # the end, or the word none
            return
        pairs = [(str(heading), cell) for heading, cell in zip(headings, line, strict=True) if heading]
        texts: Row = {}
        for heading, cell in pairs:
            texts.setdefault(heading, _cell(cell))
        yield texts, {heading: cell.value for heading, cell in pairs}


def _same(there: str, heading: str, here: Row, value: object) -> bool:
    """The same text; of a titer from 1000 on the same value, as the page rounds it further."""
    text = _plain(there)
    if heading.startswith(THREE_DIGITS) and isinstance(value, float | int) and abs(value) >= 999.5:
        return float(text) == float(shown(value, "0.00E+00"))
    return text == here[heading]


@pytest.mark.parametrize(
    ("sheet", "first"),
    [
        ("Standard curve", ("Level", "Nominal")),
        ("Standard curve", ("Parameter", "Value")),
        ("Standard curve", ("Coating", "Wells")),
        ("Summary", ("Control", "Kind")),
    ],
)
def test_tables_of_both_show_the_same_texts(
    runs: tuple[Run, ...], sheet: str, first: tuple[str, str]
) -> None:
    """Calibrators, parameters, blanks and controls, cell by cell."""
    for run in runs:
        there = [table for table in run.tables if table and _begins(list(table[0]), first)]
        start = next((list(table[0])[:2] for table in there), list(first))
        here = [block for block in _blocks(run.book[sheet], *start) if block]
        assert len(there) == len(here)
        for table, block in zip(there, here, strict=True):
            for row, (texts, values) in zip(table, block, strict=True):
                for heading in (set(row) & set(texts)) - {"Remark", "HNK1", "Control"}:
                    assert _same(row[heading], heading, texts, values[heading]), (heading, row, texts)


def _begins(headings: list[str], first: tuple[str, str]) -> bool:
    return headings[0] == first[0] and headings[1].startswith(first[1])


def test_dilutions_show_the_same_texts(runs: tuple[Run, ...]) -> None:
    """Each dilution of a sample's table stands in the sheet Dilutions, with the same ODs."""
    for run in runs:
        (block,) = list(_blocks(run.book["Dilutions"], "Sample", "Slot", "Dilution 1:")) or [[]]
        strips = [table for table in run.tables if table and next(iter(table[0])) == "Dilution 1:"]
        for row in (row for table in strips for row in table):
            ods = [name for name in row if name.endswith(" OD")]
            names = ("Dilution 1:", *ods)
            here = {tuple(texts[name] for name in names) for texts, _ in block}
            assert tuple(_plain(row[name]) for name in names) in here, row
            assert set(row) - NAMED <= set(block[0][0]), "the same heading for the same column"


def test_hnk1_values_show_the_same_texts(runs: tuple[Run, ...]) -> None:
    """The value behind each HNK1 word stands on the page with the same digits."""
    for run in runs:
        rows = [row for block in _blocks(run.book["Samples"], "Sample", "Slot", "HNK1") for row in block]
        for texts, values in rows:
            if values["HNK1 value"] is not None and f"{values['HNK1']}: " in run.text:
                assert f"{values['HNK1']}: {texts['HNK1 value']} {values['HNK1 unit']}" in run.text


def test_every_number_has_a_format_whose_text_is_known(runs: tuple[Run, ...]) -> None:
    """No number of the workbook is left to what a program makes of it, except the columns of the plate."""
    for run in runs:
        for sheet in run.book.worksheets:
            for cell in (cell for line in sheet.iter_rows() for cell in line):
                if isinstance(cell.value, float | int) and not isinstance(cell.value, bool):
                    axis = sheet.title == "Plates" and isinstance(cell.value, int)
                    assert shown(cell.value, "0" if axis else cell.number_format)
