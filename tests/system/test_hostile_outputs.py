"""Two hundred hostile ids in every output at once: shown, and never obeyed."""

from __future__ import annotations

import csv
import html.parser
import io
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pdf_text import objects, pages
from sample_cases import CONTEXT, case

from pipeline.domain.findings import RunVerdict
from pipeline.domain.record import RunRecord
from pipeline.record.job import ListedRun, run_line
from pipeline.report import render
from pipeline.report.excel.summary_book import SummaryBook
from pipeline.report.page.run_index import RunIndex, run_index_html
from pipeline.report.page.status import QueueLine, StatusPage, status_html

NOW = "2026-02-17T09:14:03+01:00"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MARK = "document.documentElement.dataset.ran='yes'"
MARKERS = (
    f"<script>{MARK}</script>",
    f'<img src=x onerror="{MARK}">',
    f'"><svg onload="{MARK}">',
    f"' onmouseover='{MARK}' autofocus onfocus='{MARK}",
    f"</style><script>{MARK}</script>",
    f"</title><script>{MARK}</script>",
    f'<iframe srcdoc="<script>parent.{MARK}</script>"></iframe>',
    f'<details open ontoggle="{MARK}">',
)
"""Each leaves a mark on the page when a browser runs it."""
RUNS_SCRIPTS = {"script", "img", "iframe", "object", "embed", "base", "link", "form", "foreignobject", "use"}
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]"
)
"""Without the joiners U+200C and U+200D, which names in some scripts need."""
PAGES = ("report.html", "index.html", "STATUS.html")


def _record(ids: tuple[str, ...]) -> RunRecord:
    """A real, rejected plate on which everything that a person names has a hostile name."""
    context = replace(CONTEXT, processed_at=NOW, operator=ids[0])
    record = case("anti_mag_igm/difficult_sera").process(context)[0]
    assert isinstance(record, RunRecord)
    usual = record.samples
    samples = tuple(
        replace(usual[n % len(usual)], sample_id=text, slot=text, comment=text, patient_code=text,
                collected_on=text, extra={text: text})
        for n, text in enumerate(ids)
    )  # fmt: skip
    export_file = replace(record.run.export, name=ids[1])
    run = replace(record.run, plate=ids[2], operator=ids[3], assay_title=ids[4], export=export_file)
    return replace(record, samples=samples, run=run, verdict=RunVerdict.REJECTED)


def _outputs(record: RunRecord, ids: tuple[str, ...], folder: Path) -> dict[str, bytes]:
    """Every file that shows what a person named."""
    line = run_line(record)
    named = [replace(line, plate=text, export=text, assay=text, supersedes=text) for text in ids]
    failed = [replace(one, verdict="failed", message=text) for one, text in zip(named, ids, strict=True)]
    listed = [ListedRun(one, replaced_by=one.export) for one in (*named, *failed)]
    queue = tuple(QueueLine(text, text, text) for text in ids)
    runs = (*named, *failed)
    status = StatusPage(ids[0], NOW, NOW, watching=True, notices=ids, queue=queue, runs=runs, unsolved=runs)
    book = SummaryBook()
    for one in listed[: len(ids)]:
        book.add(replace(record, samples=()), one)
    book.add(record, ListedRun(line))
    book.save(folder / "summary.xlsx")
    return {
        **render(record),
        "index.html": run_index_html(RunIndex(ids[0], NOW, listed)),
        "STATUS.html": status_html(status),
        "summary.xlsx": (folder / "summary.xlsx").read_bytes(),
    }


@pytest.fixture(scope="module")
def outputs(hostile_ids: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """All files of the corpus of hostile ids, with the markers that a browser would run."""
    ids = (*MARKERS, *hostile_ids)
    return _outputs(_record(ids), ids, tmp_path_factory.mktemp("hostile"))


class _Page(html.parser.HTMLParser):
    """Tags with their attributes, and the text of the page without its style and script."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._texts: list[str] = []
        self._in_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_code = tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self._in_code = self._in_code and tag not in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._in_code:
            self._texts.append(data)

    @property
    def text(self) -> str:
        """All of it in one."""
        return "".join(self._texts)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


@pytest.fixture(scope="module")
def parsed(outputs: dict[str, bytes]) -> dict[str, _Page]:
    """The pages as a parser of HTML sees them."""
    found = {name: _Page() for name in PAGES}
    for name, page in found.items():
        page.feed(outputs[name].decode())
        page.close()
    return found


@pytest.mark.parametrize("name", PAGES)
def test_no_name_becomes_markup(parsed: dict[str, _Page], name: str) -> None:
    """No tag, attribute, style, comment or link comes from an id; the one script is ours."""
    page = parsed[name]
    found = [tag for tag, _ in page.tags if tag in RUNS_SCRIPTS]
    assert found == (["script"] if name == "index.html" else [])
    assert sum(tag == "style" for tag, _ in page.tags) == 1
    for tag, attributes in page.tags:
        assert not [key for key in attributes if key.startswith("on") or key in ("srcdoc", "style", "src")]
        target = attributes.get("href") or ""
        assert tag != "a" or re.match(r"(reports|rejected)/|index|\d{4}-|\.\./", target), target
        assert attributes.get("http-equiv") in (None, "Content-Security-Policy", "refresh")


@pytest.mark.parametrize("name", PAGES)
def test_what_cannot_be_seen_is_shown(parsed: dict[str, _Page], name: str) -> None:
    """No id turns the reading direction or hides behind a sign without a shape."""
    assert not UNSEEN.findall(parsed[name].text)
    assert "<U+202E>" in parsed[name].text


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this computer")
@pytest.mark.parametrize("name", PAGES)
def test_no_script_of_an_id_runs_in_a_browser(outputs: dict[str, bytes], name: str, tmp_path: Path) -> None:
    """Opened in Chromium without the policy of the page, none of the markers leaves its mark."""
    unprotected = re.sub(rb'<meta http-equiv="[^>]*>', b"", outputs[name])
    assert b"data-ran" not in _opened(unprotected, tmp_path)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this computer")
def test_the_browser_would_run_them(tmp_path: Path) -> None:
    """The test above can fail: the markers do run where they are not escaped."""
    for marker in (MARKERS[0], MARKERS[1], MARKERS[2]):
        assert b"data-ran" in _opened(f'<!doctype html><p title="{marker}">{marker}'.encode(), tmp_path)


def _opened(page: bytes, folder: Path) -> bytes:
    """The document after a browser worked on it for two seconds of its own time."""
    (folder / "page.html").write_bytes(page)
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # the sandbox does not work for root
    options = ["--headless", "--disable-gpu", "--virtual-time-budget=2000", *(["--no-sandbox"] * root)]
    profile, address = f"--user-data-dir={folder / 'profile'}", (folder / "page.html").as_uri()
    command = [str(BROWSER), *options, profile, "--dump-dom", address]
    return subprocess.run(command, check=True, capture_output=True, timeout=100).stdout  # noqa: S603 - known


def test_the_pdf_holds_text_and_nothing_to_run(
    outputs: dict[str, bytes], hostile_ids: tuple[str, ...]
) -> None:
    """No script, link, file or form; each id of plain signs can be read in it."""
    obeyed = objects(outputs["report.pdf"])
    for name in (b"JS", b"JavaScript", b"URI", b"Launch", b"AA", b"EmbeddedFile", b"AcroForm", b"SubmitForm"):
        assert not re.search(rb"/" + name + rb"\b", obeyed), name
    assert not re.search(rb"/OpenAction\s*(<<|\d+ 0 R\s*[/>])", obeyed)
    texts = {text for page in pages(outputs["report.pdf"]) for text in page}
    for text in hostile_ids:
        if text.isascii() and text.isprintable() and 0 < len(text) < 12:
            assert any(text.strip() in shown for shown in texts), text


@pytest.mark.parametrize("name", ["results.csv", "worklist.csv"])
def test_no_cell_of_a_table_file_is_a_formula(outputs: dict[str, bytes], name: str) -> None:
    """Every row has the same cells, and none begins as a formula does."""
    rows = list(csv.reader(io.StringIO(outputs[name].decode("utf-8-sig"), newline="")))
    assert len(rows) > len(MARKERS) + 200
    assert {len(row) for row in rows} == {len(rows[0])}
    for cell in (cell for row in rows for cell in row):
        assert _harmless(cell) or not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")), cell


def _harmless(cell: str) -> bool:
    """A number, or the sign alone of a titer that is no bound, which is no formula."""
    return cell == "=" or re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", cell) is not None


@pytest.mark.parametrize("name", ["results.xlsx", "summary.xlsx"])
def test_no_cell_of_a_workbook_is_a_formula(outputs: dict[str, bytes], name: str) -> None:
    """Text, numbers and dates only; nothing that Excel would calculate, link to or repair."""
    book = load_workbook(io.BytesIO(outputs[name]))
    cells = [cell for sheet in book.worksheets for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "n", "d"}
    assert not [cell for cell in cells if cell.hyperlink is not None]
    assert not [name for name in book.defined_names if not name.startswith("_xlnm")]
