"""Make the three pictures of the README in ``docs/images``: ``make pictures``. Needs pdftoppm and no more."""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), *(str(HERE.parent / name) for name in ("", "sample_data", "tests/tools"))]

import gallery_runs as shown  # noqa: E402 - needs the path above
from gallery_pictures import missing, pdf_pages  # noqa: E402 - the same
from PIL import Image  # noqa: E402 - the same

from pipeline.compute.past.control_chart import ChartSettings  # noqa: E402 - the same
from pipeline.compute.past.past_run import past_run  # noqa: E402 - the same
from pipeline.compute.past.trends import trends  # noqa: E402 - the same
from pipeline.domain.history import History  # noqa: E402 - the same
from pipeline.domain.record import RunRecord  # noqa: E402 - the same
from pipeline.report.drawing.figures import paint, png  # noqa: E402 - the same
from pipeline.report.pdf.document import report_pdf  # noqa: E402 - the same
from pipeline.report.trends.charts import trend_scene  # noqa: E402 - the same

PDFTOPPM = "pdftoppm (package poppler-utils)"
DPI = 120
CASE, CONTROL = "clean_plate", "PC1"
CHART_SIZE = (760.0, 300.0)
LEGEND, BORDER = int(DPI * 0.47), 4
"""Height of the legend above a strip, and of what belongs to its frame below the bar, in pixels."""
COLOURS = 96


def page_one_and_strip(record: RunRecord) -> tuple[Image.Image, Image.Image]:
    """The first page of a report, and the first sample of the page after it."""
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "report.pdf"
        pdf.write_bytes(report_pdf(record))
        first, second, *_ = pdf_pages(pdf, DPI)
    return first, first_strip(second)


def first_strip(page: Image.Image) -> Image.Image:
    """The legend and the first frame of a page: a strip has a bar of its class's colour at its left."""
    bar = int(DPI * 0.52)  # inches from the left edge, inside the bar
    blue = [page.getpixel((bar, y))[2] > page.getpixel((bar, y))[0] + 100 for y in range(page.height)]
    top = blue.index(True)
    bottom = top + blue[top:].index(False)
    return page.crop((bar - BORDER, top - LEGEND, page.width - bar + BORDER, bottom + BORDER))


def control_chart(past: list[RunRecord]) -> Image.Image:
    """The control whose titer drifts up at the end."""
    history = History(shown.ASSAY, past[0].run.unit, tuple(map(past_run, past)))
    (chart,) = (one for one in trends(history, ChartSettings()).controls if one.key.name == CONTROL)
    return Image.open(io.BytesIO(png(paint(trend_scene(chart, history.runs, 0, CHART_SIZE))))).convert("RGB")


def pictures() -> Iterator[tuple[str, Image.Image]]:
    """Name and picture of each."""
    (record,) = next(case.runs for case in shown.cases() if case.name == CASE)
    page, strip = page_one_and_strip(record)
    yield "page_one", page
    yield "dilution_strip", strip
    yield "control_chart", control_chart(shown.past())


def main(target: Path) -> None:
    """Write them, and say how large they are."""
    if PDFTOPPM in missing():
        raise SystemExit(f"The pictures need {PDFTOPPM}: not on this computer.")
    for name, picture in pictures():
        path = target / f"{name}.webp"
        picture.quantize(COLOURS).convert("RGB").save(path, lossless=True, quality=100, method=6)
        print(f"{path}: {picture.width} x {picture.height}, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HERE / "images")
