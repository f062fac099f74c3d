"""report.html: one harmless page with everything on it; figures that draw any text."""

from __future__ import annotations

import html.parser
import re
import subprocess
import sys
from dataclasses import replace
from types import ModuleType

import pytest

from pipeline.domain.record import RunRecord
from pipeline.report import render
from pipeline.report.figures import dilution_curves, plate_map, png, standard_curve
from pipeline.report.html import page

HOSTILE = "<script>alert(1)</script>\"'&\x07=1+1 $x^2$ {{ 7*7 }}"


class _Tags(html.parser.HTMLParser):
    """Collects tags and attributes and checks that tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _parse(text: str) -> _Tags:
    tags = _Tags()
    tags.feed(text)
    tags.close()
    assert not tags.open
    return tags


@pytest.fixture(scope="module")
def text(record: RunRecord) -> str:
    """The page of the usual record."""
    return page(record).decode()


def test_the_verdict_stands_before_everything_else(text: str) -> None:
    """Word and symbol first, then why and what to do, then the samples."""
    order = ["Accepted with warnings</p>", "Why:", "What to do:", "<h2>Samples", "<h2>Standard curve"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_the_page_needs_nothing_from_outside(text: str) -> None:
    """No script, no link, no file: the page works from a USB stick, and a policy enforces it."""
    tags = _parse(text)
    assert not {tag for tag, _ in tags.seen} & {"script", "link", "img", "iframe", "object", "base"}
    assert not [attrs for _, attrs in tags.seen if {"src", "href", "onclick", "onload"} & attrs.keys()]
    assert "default-src 'none'" in text


def test_figures_have_descriptions(text: str) -> None:
    """A screen reader hears what each figure shows."""
    figures = [attrs for tag, attrs in _parse(text).seen if tag == "svg"]
    assert len(figures) >= 7
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in figures)


def test_every_sample_has_class_sentence_and_reason_codes(text: str, record: RunRecord) -> None:
    """A manager finds class, explanation, codes and next step of each sample."""
    for sample in record.samples:
        assert f"<h3>{sample.sample_id}" in text
        assert sample.explanation in text
        assert all(code in text for code in (*sample.reasons, *sample.flags))
    assert "Repeat after absorption" in text
    assert "Non-specific binding" in text


def test_warnings_are_open_and_passes_are_folded(text: str) -> None:
    """What needs reading is in sight; the rest is there, folded."""
    details = text.index("<details>")
    assert text.index("The two MAG wells differ") < details < text.rindex("Replicate wells agree")


def test_hostile_text_is_shown_and_not_obeyed(record: RunRecord) -> None:
    """Markup, template code and control characters in any text stay text."""
    sample = replace(
        record.samples[0],
        sample_id=HOSTILE,
        slot=HOSTILE,
        explanation=HOSTILE,
        next_step=HOSTILE,
        classification=HOSTILE,
        extra={HOSTILE: HOSTILE},
    )
    run = replace(record.run, plate=HOSTILE, assay_title=HOSTILE, metadata={HOSTILE: HOSTILE}, id=HOSTILE)
    finding = replace(record.findings[0], message=HOSTILE, subject=HOSTILE)
    hostile = replace(
        record,
        samples=(sample,),
        run=run,
        findings=(finding,),
        cells_not_understood=(HOSTILE,),
        wells=tuple(replace(well, name=HOSTILE, reason=HOSTILE) for well in record.wells),
    )
    shown = page(hostile).decode()
    assert "<script" not in shown
    assert "\x07" not in shown
    assert "\u2407" in shown
    assert "{{ 7*7 }}" in shown
    _parse(shown)


def test_a_rejected_run_shows_its_reasons(factory: ModuleType) -> None:
    """Rejected, why, and the failed curve in words."""
    shown = page(factory.run_record(fail=True, fit=factory.failed_curve())).decode()
    assert "\u2716 Rejected" in shown
    assert "PC2 reads 141 % of its target" in shown
    assert "No curve could be fitted: the calibrators do not rise" in shown
    assert shown.index("<h2>Findings to read") < shown.index("<h2>Samples")


def test_a_single_dilution_is_not_drawn_as_a_curve(record: RunRecord) -> None:
    """Assays with one dilution a sample get their numbers without an empty picture."""
    single = tuple(replace(sample, dilutions=sample.dilutions[:1]) for sample in record.samples)
    shown = page(replace(record, samples=single)).decode()
    assert len(re.findall("<svg", shown)) == 2
    assert shown.count("<article") == 4
    _parse(shown)


def test_an_empty_run_renders(factory: ModuleType) -> None:
    """A plate without samples, curve or findings still has its page."""
    record = factory.run_record(samples=())
    bare = replace(record, curves=(), controls=(), blanks=(), findings=(), precision=None, settings={})
    shown = page(bare).decode()
    assert "There is no sample on this plate" in shown
    assert "This run has no standard curve" in shown
    _parse(shown)


def test_all_reports_come_from_one_call(factory: ModuleType) -> None:
    """Four files in memory, for 384 wells too."""
    files = render(factory.run_record(shape=(16, 24)))
    assert list(files) == ["results.json", "results.xlsx", "report.html", "worklist.csv"]
    assert files["results.xlsx"].startswith(b"PK")
    assert len(re.findall(rb"<article", files["report.html"])) == 20


def test_pictures_draw_any_text(record: RunRecord) -> None:
    """Mathematics signs, control characters and missing glyphs do not stop a picture."""
    samples = tuple(
        replace(record.samples[0], sample_id=text)
        for text in ("$x^2$", "$\\frac", "a\x07", "\u6f22\U0001f9ea")
    )
    odd = replace(record, samples=samples)
    for figure in (dilution_curves(odd), standard_curve(odd, odd.curves[0]), plate_map(odd)):
        assert png(figure).startswith(b"\x89PNG")


def test_a_picture_is_the_same_every_time(record: RunRecord) -> None:
    """No date hides in a picture."""
    first, second = (png(standard_curve(record, record.curves[0])) for _ in range(2))
    assert first == second


def _in_a_new_process(code: str) -> str:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    return done.stdout.strip()


def test_importing_the_reports_is_cheap() -> None:
    """Commands that only import the package do not wait for drawing packages."""
    heavy = "{'matplotlib', 'openpyxl', 'jinja2', 'pydantic'}"
    assert _in_a_new_process(f"import sys, pipeline.report; print({heavy} & set(sys.modules))") == "set()"


def test_the_figures_leave_pyplot_alone() -> None:
    """Figures need no display: pyplot, which looks for one, is never imported."""
    code = "import sys, pipeline.report.figures; print('matplotlib.pyplot' in sys.modules)"
    assert _in_a_new_process(code) == "False"
