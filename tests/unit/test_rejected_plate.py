"""A rejected plate has no results: no view shows a measured HNK1 of a sample as if it were one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from openpyxl import load_workbook
from pdf_text import pages

from pipeline.domain.codes.reasons import Reason
from pipeline.domain.findings import RunVerdict
from pipeline.domain.record import RunRecord
from pipeline.record.document import from_json
from pipeline.report import render
from pipeline.report.tables.columns import facts, plain, table_of
from pipeline.report.tables.sample_columns import COLUMNS, FACTS, PAGE, rows_of
from pipeline.report.tables.sample_words import hnk1_status
from pipeline.report.words.tones import DASH


@pytest.fixture(scope="module")
def rejected(sample_records: dict[str, RunRecord]) -> RunRecord:
    """A plate with failed controls, two of whose samples had read positive for HNK1."""
    record = sample_records["failed_control, Plate1"]
    assert record.verdict is RunVerdict.REJECTED
    assert [sample.hnk1.status for sample in record.samples].count("positive") == 2
    return record


@pytest.fixture(scope="module")
def files(rejected: RunRecord) -> dict[str, bytes]:
    """All its reports."""
    return render(rejected)


def test_tables_and_facts_have_a_dash(rejected: RunRecord) -> None:
    """The table of samples, and the facts of each; no limit stands beside the dash."""
    table = table_of("Samples", PAGE, rows_of(rejected))
    column = [one.heading for one in table.columns].index("HNK1")
    assert {row[column] for row in table.rows} == {DASH}
    for row in rows_of(rejected):
        told = dict(facts(FACTS, row))
        assert told["HNK1"] == DASH
        assert "HNK1 limits" not in told
        numbers = {plain(field, row) for field in COLUMNS if field.name.startswith("hnk1_value")}
        assert numbers == {None}


def test_only_a_rejected_plate_is_silent(rejected: RunRecord) -> None:
    """A sample that is invalid for another reason, on a plate that counts, keeps its HNK1."""
    sample = replace(rejected.samples[0], reasons=(Reason.NO_ANTIGEN_NEGATIVE,))
    assert hnk1_status(sample) == sample.hnk1.status.means.words


def test_page_and_pdf_show_no_hnk1_of_a_sample(rejected: RunRecord, files: dict[str, bytes]) -> None:
    """A line of the page with an id of a sample, and a line of the PDF, has no word for HNK1."""
    ids = {sample.sample_id for sample in rejected.samples}
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", files["report.html"].decode(), re.DOTALL)
    cells = [[_bare(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)] for row in rows]
    of_samples = [row for row in cells if row and row[0] in ids]
    assert len(of_samples) >= len(ids)
    assert not {"positive", "negative"} & {cell for row in of_samples for cell in row}
    texts = [text for page in pages(files["report.pdf"]) for text in page]
    start = texts.index("HNK1", texts.index("Samples"))
    table = texts[start : texts.index("Standard curve, MAG")]
    assert ids <= set(table)
    assert not {"positive", "negative"} & set(table)
    assert not [text for text in texts if re.match("(positive|negative): ", text)]


def _bare(cell: str) -> str:
    return re.sub("<[^>]+>", "", cell).strip()


def test_workbook_shows_no_hnk1_of_a_sample(rejected: RunRecord, files: dict[str, bytes]) -> None:
    """In each line of a sample, on each sheet, columns of HNK1 hold a dash or nothing."""
    ids = {sample.sample_id for sample in rejected.samples}
    found = set(_hnk1_cells(files["results.xlsx"], ids))
    assert {name for name, _ in found} >= {"HNK1", "HNK1 value"}
    assert {value for _, value in found} == {DASH, None}


def _hnk1_cells(data: bytes, ids: set[str]) -> Iterator[tuple[str, object]]:
    book = load_workbook(io.BytesIO(data))
    for name in ("Summary", "Samples"):
        headings: list[str] = []
        for line in book[name].iter_rows(values_only=True):
            if line[0] == "Sample":
                headings = [str(cell or "") for cell in line]
            if line[0] in ids:
                cells = zip(headings, line, strict=True)
                yield from ((heading, value) for heading, value in cells if heading in ("HNK1", "HNK1 value"))


def test_the_record_keeps_what_was_measured(rejected: RunRecord, files: dict[str, bytes]) -> None:
    """results.json is the truth of the run; results.csv is for programs, and has nothing there."""
    assert from_json(files["results.json"]) == rejected
    for row in csv.DictReader(io.StringIO(files["results.csv"].decode("utf-8-sig"), newline="")):
        assert {value for name, value in row.items() if name.startswith("hnk1_")} == {""}
