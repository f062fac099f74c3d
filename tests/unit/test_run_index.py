"""index.html: every run in one list, whatever became of it."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from record_factory import FAILED_LINE, RUN_LINE, T

from pipeline.domain.record import RunRecord
from pipeline.errors import InputError
from pipeline.record.document import to_json
from pipeline.record.job import ListedRun
from pipeline.report.page.run_index import RunIndex, days, run_index_html
from pipeline.runs.run_list import runs_in


def page(*runs: ListedRun, title: str = "elisa") -> str:
    """The page of a workspace."""
    return run_index_html(RunIndex(title, T, runs, "../rejected/")).decode()


def rows(text: str) -> list[list[str]]:
    """The cells of all runs, as text."""
    lines = re.findall(r"<tr(?: class=\"old\")?><td>(.*?)</td></tr>", text)
    return [
        [html.unescape(re.sub("<[^>]+>", "", cell)) for cell in line.split("</td><td>")] for line in lines
    ]


def test_a_run_is_a_line_with_word_symbol_and_links() -> None:
    """Verdict, assay, plate, export, counts, and one click to each report; a PDF only where there is one."""
    text = page(ListedRun(RUN_LINE, pdf=True), ListedRun(RUN_LINE))
    told = ["09:14", "\u2714 Accepted", "anti_mag_igm", "Plate 1", "p.txt"]
    assert rows(text) == [
        [*told, "4 of 4", "1", "report workbook PDF"],
        [*told, "4 of 4", "1", "report workbook"],
    ]
    assert f'href="{RUN_LINE.id}/report.html"' in text
    assert f'href="{RUN_LINE.id}/results.xlsx"' in text
    assert text.count(f'href="{RUN_LINE.id}/report.pdf"') == 1


def test_a_failed_run_says_why() -> None:
    """Its line leads to WHY.txt among the rejected files, and has no report."""
    text = page(ListedRun(FAILED_LINE))
    assert f'href="../rejected/{FAILED_LINE.id}/WHY.txt"' in text
    assert "\u2716 Not processedThe file is empty." in rows(text)[0]
    assert "report.html" not in text


def test_a_superseded_run_names_its_successor() -> None:
    """Nobody takes the result of a replaced run for the last word, also without its colour."""
    later = replace(RUN_LINE, id="later", supersedes=RUN_LINE.id)
    text = page(ListedRun(later), ListedRun(replace(RUN_LINE, review="reject"), replaced_by="later"))
    assert f"supersedes {RUN_LINE.id}" in rows(text)[0][1]
    assert "superseded by later; reviewed: reject" in rows(text)[1][1]
    assert text.count('<tr class="old">') == 1


def test_each_day_is_counted() -> None:
    """A heading a day says how the day went."""
    rejected = replace(RUN_LINE, verdict="rejected", repeats=4, not_reportable=4)
    before = replace(RUN_LINE, processed_at="2026-02-16T18:00:00+01:00", samples=1, repeats=0)
    found = days([ListedRun(line) for line in (RUN_LINE, rejected, FAILED_LINE, before)])
    assert [(day.date, day.text) for day in found] == [
        (
            "2026-02-17",
            "2 plates, 8 samples, 4 not reportable, 5 to repeat or check, 1 rejected, 1 not processed",
        ),
        ("2026-02-16", "1 plate, 1 sample"),
    ]


def test_the_page_needs_nothing_and_lets_no_other_script_run() -> None:
    """Everything is shown without the script; its hash is the only one that the page allows."""
    text = page(ListedRun(RUN_LINE))
    assert "script-src 'sha256-" in text
    assert "unsafe-inline'; script" in text
    assert text.count("<script>") == 1
    assert '<p hidden><label for="find">' in text
    assert "No run yet." in page()
    assert not re.search(r'(?:src|href)="(?:https?:|//|file:)', text)


def test_hostile_names_are_text(hostile_ids: tuple[str, ...]) -> None:
    """No plate, export, assay or message becomes markup, moves a cell or turns the reading direction."""
    lines = [replace(FAILED_LINE, plate=text, export=text, assay=text, message=text) for text in hostile_ids]
    text = page(*map(ListedRun, lines), title=hostile_ids[0])
    assert text.count("<script>") == 1
    assert "\u202e" not in text
    assert all(len(row) == 8 for row in rows(text))
    assert [row[4] for row in rows(text)][:4] == list(hostile_ids[:4])


def test_ten_thousand_runs_stay_one_page() -> None:
    """Years of plates fit into one page that a browser opens at once."""
    text = page(*(ListedRun(RUN_LINE) for _ in range(10_000)))
    assert len(text) < 6_000_000


@pytest.fixture
def folder(tmp_path: Path, factory: ModuleType) -> Path:
    """A folder of results: a run, its successor, a rejected successor, and a failed run."""
    record: RunRecord = factory.run_record()
    _put(tmp_path, record, "first", "2026-02-17T09:00:00+01:00", None)
    _put(tmp_path, record, "second", "2026-02-17T08:30:00+00:00", "first")
    _put(tmp_path, factory.run_record(fail=True), "third", "2026-02-18T09:00:00+01:00", "second")
    failed = replace(factory.failed_run(), id="failed", processed_at="2026-02-16T09:00:00+01:00")
    (tmp_path / "failed").mkdir()
    (tmp_path / "failed" / "failure.json").write_bytes(to_json(failed))
    (tmp_path / ".left").mkdir()
    (tmp_path / ".left" / "results.json").write_bytes(b"half")
    return tmp_path


def _put(parent: Path, record: RunRecord, run_id: str, at: str, supersedes: str | None) -> None:
    run = replace(record.run, id=run_id, processed_at=at, supersedes=supersedes)
    (parent / run_id).mkdir()
    (parent / run_id / "results.json").write_bytes(to_json(replace(record, run=run)))


def test_a_folder_without_ledger_tells_its_runs(folder: Path) -> None:
    """Newest first over time zones; a rejected run replaces none; what a crash left is no run."""
    (folder / "second" / "report.pdf").touch()
    found = runs_in(folder)
    assert [(run.line.id, run.line.verdict, run.replaced_by, run.pdf) for run in found] == [
        ("third", "rejected", None, False),
        ("second", "accepted_with_warnings", None, True),
        ("first", "accepted_with_warnings", "second", False),
        ("failed", "failed", None, False),
    ]
    assert found[0].line.samples == 4


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"run": {"id": "x"}, "verdict": "odd"}'])
def test_a_damaged_record_is_named(folder: Path, content: bytes) -> None:
    """The message says which file cannot be read."""
    (folder / "first" / "results.json").write_bytes(content)
    with pytest.raises(InputError) as caught:
        runs_in(folder)
    assert "first" in caught.value.text()
