"""docs/reports.md: every place that it names is there, in the pages, the workbook and the tables."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pdf_text import pages

from pipeline.domain.history import ControlStanding, RunStanding
from pipeline.domain.record import RunRecord
from pipeline.record.job import ListedRun, run_line
from pipeline.report import render
from pipeline.report.page.run_index import RunIndex, run_index_html
from pipeline.report.page.status import QueueLine, StatusPage, status_html

NOW = "2026-02-17T09:14:03+01:00"
KNOWN_PLACES = ("head", "Files (why)")
"""Not a heading: the head of the report, and a link."""


@pytest.fixture(scope="module")
def table(root: Path) -> list[dict[str, str]]:
    """The rows of both tables by their headings."""
    lines = (root / "docs" / "reports.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    heading = next(row for row in cells if row[0] == "looked for")
    return [dict(zip(heading, row, strict=True)) for row in cells if len(row) == len(heading)]


@pytest.fixture(scope="module")
def files(sample_records: dict[str, RunRecord]) -> dict[str, bytes]:
    """All reports of a plate with warnings, repeats and a past."""
    record = sample_records["to_repeat, Plate1"]
    past = ControlStanding("PC1", None, 20, 0.5, None, recent=(0.1, 0.5))
    record = replace(record, standing=RunStanding((past,), 30, "r"))
    line = run_line(record)
    failed = replace(line, verdict="failed", export="x.txt", message="m")
    queue = (QueueLine("a", "b.txt", "seen"),)
    status = StatusPage(
        "w", NOW, NOW, watching=True, notices=(), queue=queue, runs=(line, failed), unsolved=(failed,)
    )
    index = RunIndex("w", NOW, [ListedRun(line), ListedRun(failed)])
    return {**render(record), "index.html": run_index_html(index), "STATUS.html": status_html(status)}


def _named(cell: str, mark: str) -> Iterator[tuple[str, list[str]]]:
    """``*Section*: a, b; *Other*`` as names with what stands behind them."""
    sign = re.escape(mark)
    for name, rest in re.findall(rf"{sign}([^*]+){sign}(?:: ([^;]+))?", cell):
        yield name, _split(rest)


def _split(names: str) -> list[str]:
    """At commas, but for names that hold one."""
    whole = ("Layout: role or name, coating, dilution", "Export, plate")
    found = [name for name in whole if name in names]
    for name in found:
        names = names.replace(name, "")
    return [*found, *filter(None, (name.strip() for name in names.split(",")))]


def _headings(page: str) -> dict[str, str]:
    """Each section of a page: its heading and what follows up to the next of its kind."""
    parts = re.split(r"<h([23])[^>]*>(.*?)</h\1>", page, flags=re.DOTALL)
    titles = [html.unescape(re.sub(r"<[^>]+>", "", title)).strip() for title in parts[2::3]]
    bodies = parts[3::3]
    levels = parts[1::3]
    found: dict[str, str] = {}
    for n, title in enumerate(titles):
        end = next((m for m in range(n + 1, len(titles)) if levels[m] <= levels[n]), len(titles))
        found.setdefault(title.split(", MAG")[0], " ".join(bodies[n:end]))
    return found


def _columns(body: str) -> set[str]:
    return {html.unescape(re.sub(r"<[^>]+>", "", name)) for name in re.findall(r"<th[^>]*>(.*?)</th>", body)}


def test_the_table_answers_many_questions(table: list[dict[str, str]]) -> None:
    """Both readers are there, and each question has an answer."""
    questions = [row for row in table if row["looked for"] not in ("looked for", "---")]
    assert len(questions) >= 20
    assert all(any(list(row.values())[1:]) for row in questions)


@pytest.mark.parametrize(
    ("heading", "name"), [("STATUS.html", "STATUS.html"), ("report.html, report.pdf", "report.html")]
)
def test_sections_and_their_columns_are_on_the_page(
    table: list[dict[str, str]], files: dict[str, bytes], heading: str, name: str
) -> None:
    """Each section is a heading, each column stands in a table below it."""
    sections = _headings(files[name].decode())
    for row in table:
        for section, columns in _named(row[heading], "*"):
            assert section in sections, section
            assert set(columns) <= _columns(sections[section]), (section, columns)


def test_sections_are_in_the_pdf(table: list[dict[str, str]], files: dict[str, bytes]) -> None:
    """The PDF has the sections of the page under the same names."""
    texts = {text.split(", MAG")[0] for page in pages(files["report.pdf"]) for text in page}
    named = {section for row in table for section, _ in _named(row["report.html, report.pdf"], "*")}
    assert named <= texts


def test_columns_of_the_index_are_there(table: list[dict[str, str]], files: dict[str, bytes]) -> None:
    """As the list of all runs calls them."""
    columns = _columns(files["index.html"].decode())
    for row in table[2:]:
        names = [name.strip() for name in row["index.html"].split(",") if name.strip()]
        assert {name for name in names if name not in (*KNOWN_PLACES, "index.html", "---")} <= columns


def test_sheets_and_their_columns_are_in_the_workbook(
    table: list[dict[str, str]], files: dict[str, bytes]
) -> None:
    """Each sheet exists, and each column or block is a heading in it."""
    book = load_workbook(io.BytesIO(files["results.xlsx"]))
    for row in table:
        for sheet, columns in _named(row["results.xlsx"], "**"):
            cells = {str(cell.value) for line in book[sheet].iter_rows() for cell in line if cell.font.b}
            assert set(columns) <= cells, (sheet, columns)


def test_columns_of_the_csv_files_are_there(table: list[dict[str, str]], files: dict[str, bytes]) -> None:
    """A LIMS finds each of them."""
    for row in table:
        name = "worklist.csv" if row["results.csv"].startswith("worklist.csv") else "results.csv"
        heading = next(csv.reader(io.StringIO(files[name].decode("utf-8-sig"))))
        assert set(re.findall(r"`(\w+)`", row["results.csv"])) <= set(heading)
