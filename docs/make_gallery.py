"""Make ``docs/gallery/``, a page and its pictures: ``make gallery`` or ``python docs/make_gallery.py DIR``.

Needs LibreOffice, Chromium and pdftoppm, which titerline itself does not need.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), *(str(HERE.parent / name) for name in ("", "sample_data", "tests/tools"))]

import gallery_runs as shown  # noqa: E402 - needs the path above
from gallery_pictures import (  # noqa: E402 - the same
    columns,
    contact_sheet,
    missing,
    pdf_pages,
    save,
    screenshot,
    workbook_pages,
)
from PIL import Image  # noqa: E402 - the same

from pipeline.compute.past.control_chart import ChartSettings  # noqa: E402 - the same
from pipeline.compute.past.past_run import past_run  # noqa: E402 - the same
from pipeline.compute.past.trends import trends  # noqa: E402 - the same
from pipeline.domain.history import History  # noqa: E402 - the same
from pipeline.domain.names import slug  # noqa: E402 - the same
from pipeline.domain.record import RunRecord  # noqa: E402 - the same
from pipeline.record.document import to_json  # noqa: E402 - the same
from pipeline.record.job import ListedRun, RunLine, run_line  # noqa: E402 - the same
from pipeline.report import render  # noqa: E402 - the same
from pipeline.report.page.run_index import RunIndex, run_index_html  # noqa: E402 - the same
from pipeline.report.page.status import QueueLine, StatusPage, status_html  # noqa: E402 - the same
from pipeline.report.trends.page import trends_page  # noqa: E402 - the same
from pipeline.report.words.tones import WARN  # noqa: E402 - the same
from pipeline.runs.follow_up import FollowUpRequest, follow_up  # noqa: E402 - the same
from pipeline.runs.follow_up_chart import follow_up_chart  # noqa: E402 - the same

BOOKS_ACROSS, PAGES_ACROSS = 4, 4
RECENT = 3

PAGES: Mapping[str, str] = {
    "status": "`STATUS.html`, the page for the shared screen",
    "index": "`reports/index.html`, the list of all runs",
    "trends": "`titerline trends`: control charts over 30 simulated runs; PC1 drifts at the end",
}
CHART = "`titerline follow-up --chart`: one simulated patient over four visits"


@dataclass(frozen=True, slots=True)
class Entry:
    """One run in the gallery."""

    name: str
    title: str
    about: str
    record: RunRecord


def entries(past: list[RunRecord]) -> Iterator[Entry]:
    """Every run of every sample case, then one that has a past."""
    for case in shown.cases():
        for record in case.runs:
            several = f"_{slug(record.run.plate).lower()}" if len(case.runs) > 1 else ""
            yield Entry(f"{case.name}{several}", f"{case.assay}/{case.name}{several}", case.about, record)
    about = "The clean plate again, after 30 simulated runs: its controls are judged by their past."
    yield Entry("with_past", f"{shown.ASSAY}, with past runs", about, shown.after(past))


def main(target: Path) -> None:
    """Write the pictures and the page that shows them."""
    if lacking := missing():
        raise SystemExit(f"The gallery needs {', '.join(lacking)}: not on this computer.")
    past = shown.past()
    found = list(entries(past))
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.webp"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        _draw_runs(found, Path(folder), target)
        _draw_pages(found, past, Path(folder), target)
    page = target / "index.md"
    page.write_text(_page(found), encoding="utf-8")
    sizes = [path.stat().st_size for path in target.glob("*.webp")]
    print(f"{page}: {len(sizes)} pictures, {sum(sizes) / 1e6:.1f} MB")


def _draw_runs(found: list[Entry], folder: Path, pictures: Path) -> None:
    for entry in found:
        files = render(entry.record)
        for ending, name in (("xlsx", "results.xlsx"), ("pdf", "report.pdf"), ("html", "report.html")):
            prefix = "book_" if ending == "xlsx" else ""
            (folder / f"{prefix}{entry.name}.{ending}").write_bytes(files[name])
    books = workbook_pages([folder / f"book_{entry.name}.xlsx" for entry in found], folder)
    for entry in found:
        pages = pdf_pages(folder / f"{entry.name}.pdf")
        page = screenshot(folder / f"{entry.name}.html")
        sheet = contact_sheet(books[f"book_{entry.name}"], BOOKS_ACROSS)
        save(sheet, pictures / f"{entry.name}_workbook.webp")
        save(contact_sheet(pages, PAGES_ACROSS), pictures / f"{entry.name}_pdf.webp")
        save(contact_sheet(columns(page), len(columns(page))), pictures / f"{entry.name}_html.webp")
        print(f"{entry.name}: {len(books[f'book_{entry.name}'])} + {len(pages)} pages", flush=True)


def _draw_pages(found: list[Entry], past: list[RunRecord], folder: Path, pictures: Path) -> None:
    lines = [run_line(entry.record) for entry in found if entry.name != "with_past"]
    failed = [run_line(run) for run in shown.refused()]
    (folder / "status.html").write_bytes(_status([*failed, *lines]))
    listed = [ListedRun(line, pdf=not line.failed) for line in (*failed, *lines)]
    (folder / "index.html").write_bytes(run_index_html(RunIndex("elisa", shown.NOW, listed, "../rejected/")))
    history = History(shown.ASSAY, past[0].run.unit, tuple(map(past_run, past)))
    page = trends_page(history, trends(history, ChartSettings()), recent=RECENT)
    (folder / "trends.html").write_bytes(page)
    for name in PAGES:
        pieces = columns(screenshot(folder / f"{name}.html"))
        save(contact_sheet(pieces, len(pieces)), pictures / f"{name}.webp")
    _draw_follow_up(past, folder, pictures)


def _draw_follow_up(past: list[RunRecord], folder: Path, pictures: Path) -> None:
    for record in past:
        place = folder / "past" / record.run.id
        place.mkdir(parents=True)
        (place / "results.json").write_bytes(to_json(record))
    found = follow_up(folder / "past", FollowUpRequest(shown.PATIENT))
    chart = folder / "follow_up.png"
    chart.write_bytes(follow_up_chart(found, "png"))
    with Image.open(chart) as picture:
        save(picture.convert("RGB").reduce(2), pictures / "follow_up.webp")


def _status(runs: list[RunLine]) -> bytes:
    queue = (
        QueueLine(shown.ASSAY, "plate_17.txt", "seen, waiting for its sample sheet", WARN),
        QueueLine(shown.ASSAY, "plate_18.txt", "seen, computing"),
    )
    page = StatusPage("elisa", shown.NOW, shown.NOW, watching=True, notices=(), queue=queue, runs=tuple(runs))
    return status_html(page)


def _page(found: list[Entry]) -> str:
    lines = [
        "# Gallery",
        "",
        "Every report of every sample case; all data are simulated. The pictures are small on purpose,",
        "the reports themselves are sharp.",
        "",
    ]
    for name, title in (*PAGES.items(), ("follow_up", CHART)):
        lines += [f"**{title}**", "", f"![{name}]({name}.webp)", ""]
    for entry in found:
        lines += [f"## {entry.title}", "", entry.about, ""]
        for kind, words in (("html", "report.html"), ("pdf", "report.pdf"), ("workbook", "results.xlsx")):
            lines += [f"`{words}`", "", f"![{words}]({entry.name}_{kind}.webp)", ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HERE / "gallery")
