"""report.html: one harmless page with everything on it; figures that draw any text."""

from __future__ import annotations

import html.parser
import json
import re
import subprocess
import sys
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from types import ModuleType
from typing import Any

import pytest

from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.record import RunRecord
from pipeline.record.document import to_json
from pipeline.report import render
from pipeline.report.drawing.charts import curve_scene, dilutions_scene
from pipeline.report.drawing.figures import paint, png, standard_curve
from pipeline.report.drawing.platemap import plate_scene
from pipeline.report.page.html import page
from pipeline.report.tables import sample_words as words
from pipeline.report.words.text import local_time

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


def test_the_first_page_decides(text: str) -> None:
    """Verdict, why, what to do, samples, curve, controls, exclusions, plate, signatures; then the rest."""
    order = [
        *(
            "Accepted with warnings</p>",
            "Why:",
            "What to do:",
            "<h2>Samples<",
            "<h3>Standard curve, MAG",
            "<h3>Controls against",
        ),
        *("<h3>Left out, and why", "<h3>Plate map", "<b>Technician", "<b>Reviewed by"),
        *("<h2>Samples in detail", "<h2>Findings to read", "<h2>Findings: passed", "<h2>Wells not used"),
        *("<h2>Curve, controls and blanks in numbers", "<h2>Provenance"),
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_what_passed_is_folded(text: str) -> None:
    """What needs no reading takes one line until someone opens it."""
    folded = text[text.index("<details>") : text.index("</details>")]
    assert "<summary><h2>Findings: passed" in folded
    assert "CAL-02" in folded
    assert "REP-01" in text[: text.index("<details>")]


def test_every_cell_names_its_column(text: str) -> None:
    """On a telephone a row stands as a list; nothing is cut off, and each value says what it is."""
    cells = [attrs for tag, attrs in _parse(text).seen if tag == "td"]
    assert len(cells) > 100
    assert all("data-label" in attrs for attrs in cells)


def test_page_one_says_whose_serum_when_and_how(sample_records: dict[str, RunRecord]) -> None:
    """Patient code, collection date, dilutions, and the time as the clock of the laboratory showed it."""
    for record in sample_records.values():
        shown = page(record).decode()
        first = shown[: shown.index("<h3>Standard curve")]
        assert all(str(words.person_line(one) or "") in first for one in record.samples)
        assert all((one.patient_code or "") in first for one in record.samples)
        assert re.search(r"<dt>Dilutions</dt><dd>1:\d", first)
        assert local_time(record.run.processed_at) in first


def test_treatment_stands_in_its_well(sample_records: dict[str, RunRecord]) -> None:
    """A well with competitor or beads is told from the one without."""
    for name, treatment in (("inhibition, Plate1", "HNK1"), ("absorption, Plate1", "after HNK1 beads")):
        shown = page(sample_records[name]).decode()
        plate = shown[shown.index("<h3>Plate map") : shown.index('<div class="sign">')]
        assert f">{treatment}</text>" in plate, name


@pytest.mark.parametrize(
    ("iso", "shown"),
    [
        ("2026-02-17T09:14:03+01:00", "2026-02-17 09:14:03 (UTC+01:00)"),
        ("2026-02-17T09:14:03", "2026-02-17 09:14:03"),
        ("yesterday", "yesterday"),
    ],
)
def test_a_time_is_that_of_the_laboratory(iso: str, shown: str) -> None:
    """As its clock showed it, with its distance to UTC."""
    assert local_time(iso) == shown


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
        assert all(code in text for code in sample.reasons)
        assert all(flag.means.words in text for flag in sample.flags)
    assert "Repeat after absorption" in text
    assert "Non-specific binding" in text


def test_what_needs_reading_stands_before_what_passed(text: str) -> None:
    """Warnings come first and in full; passes share a line a rule, with what was observed."""
    passed = text.index("<h2>Findings: passed")
    assert text.index("The two MAG wells differ") < passed < text.rindex("Replicate wells agree")


def test_what_was_left_out_is_named_with_its_reason(text: str, record: RunRecord) -> None:
    """Levels and wells that do not count stand on the first page."""
    first = text[text.index("<h3>Left out, and why") : text.index("<h3>Plate map")]
    assert "Calibrator level CAL7: recovery 131 % is outside 75 to 125 %" in first
    crossed = [well for well in record.wells if well.role and not well.used and well.raw_od is not None]
    assert crossed
    assert all(re.search(rf"\b{well.well}\b", first) for well in crossed)


class _Rows(html.parser.HTMLParser):
    """The cells of every table row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "tr":
            self.rows.append([])
        self._in_cell = self._in_cell or tag == "td"
        if tag == "td":
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag != "td"


def _od(value: float | None) -> str:
    if value is None:
        return "\u2013"
    rounded = Decimal(f"{value:.15g}").quantize(Decimal("0.001"), ROUND_HALF_UP)
    return str(rounded).replace("-", "\u2212")


def _titer(value: float | None) -> str:
    if value is None:
        return "\u2013"
    rounded = float(f"{value:.2e}")
    digits = max(0, 2 - int(f"{rounded:e}".split("e")[1]))
    return f"{rounded:,.{digits}f}".replace(",", "\u202f")


def test_every_number_of_every_dilution_is_that_of_the_record(sample_records: dict[str, RunRecord]) -> None:
    """Each row of each strip of each sample case, against the JSON and formatted here."""
    seen = 0
    for name, record in sample_records.items():
        rows = _Rows()
        rows.feed(page(record).decode())
        for sample in json.loads(to_json(record))["samples"]:
            antigens = list(dict.fromkeys(a for step in sample["dilutions"] for a in step["od"]))
            for step in sample["dilutions"]:
                titer = None if sample["classification"] == "NONSPECIFIC_BINDING" else step["titer"]
                start = [f"{step['dilution']:,.0f}".replace(",", "\u202f")]
                start += [_od(step["od"].get(antigen, {}).get("mean")) for antigen in antigens]
                start += [_od(step["net_od"]), _od(step["cutoff_od"])]
                found = [row for row in rows.rows if row[: len(start)] == start]
                shown = [row[len(start) + 1] for row in found] or _single(rows.rows, sample, start)
                assert _titer(titer) in shown, (name, start)
                seen += 1
    assert seen > 200


def _single(rows: list[list[str]], sample: dict[str, Any], start: list[str]) -> list[str]:
    """The texts of a sample's line in the table of single dilutions, which has no empty columns."""
    mine = [row for row in rows if row[:2] == [sample["sample_id"], sample["slot"]]]
    return [text for row in mine if set(start) - {"\u2013"} <= set(row) for text in row]


def test_every_titer_of_the_sample_table_is_that_of_the_record(sample_records: dict[str, RunRecord]) -> None:
    """Value, unit and interval of each sample in its own row, against the JSON and formatted here."""
    seen = 0
    for record in sample_records.values():
        rows = _Rows()
        rows.feed(page(record).decode())
        for sample in json.loads(to_json(record))["samples"]:
            titer, interval = sample["titer"], sample["titer"]["ci95"] or (None,)
            if titer["value"] is None or titer["qualifier"] != "=" or None in interval:
                continue
            low, high = map(_titer, interval)
            expected = f"{_titer(titer['value'])}\u00a0{titer['unit']} ({low}\u00a0to\u00a0{high})"
            row = next(row for row in rows.rows if row[:2] == [sample["sample_id"], sample["slot"]])
            assert expected in row
            seen += 1
    assert seen > 60


def test_a_name_of_5000_signs_is_shortened(record: RunRecord) -> None:
    """The page stays a page: the record holds the whole name."""
    samples = tuple(replace(sample, sample_id="W" * 5000) for sample in record.samples)
    shown = page(replace(record, samples=samples)).decode()
    assert "W" * 601 not in shown
    assert "W\u2026" in shown


def test_hostile_text_is_shown_and_not_obeyed(record: RunRecord) -> None:
    """Markup, template code and control characters in any text stay text."""
    sample = replace(
        record.samples[0],
        sample_id=HOSTILE,
        slot=HOSTILE,
        explanation=HOSTILE,
        next_step=HOSTILE,
        classification=SampleClass(HOSTILE),
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
    assert "PC2 reads 141\u00a0% of its target" in shown
    assert "No curve could be fitted: the calibrators do not rise" in shown
    assert shown.index("<h2>Findings to read") < shown.index("<h2>Samples in detail")


def test_a_single_dilution_is_not_drawn_as_a_curve(record: RunRecord) -> None:
    """One dilution a sample: numbers without an empty picture, in strips where there is much to say."""
    single = tuple(replace(sample, dilutions=sample.dilutions[:1]) for sample in record.samples)
    shown = page(replace(record, samples=single)).decode()
    assert len(re.findall("<svg", shown)) == 2
    assert shown.count("<article") == 4
    _parse(shown)


def test_samples_that_differ_only_in_numbers_share_one_table(record: RunRecord) -> None:
    """An assay without dilution series needs no strips: a line a sample, and once what all have in common."""
    first = replace(record.samples[0], dilutions=record.samples[0].dilutions[:1])
    others = tuple(replace(first, sample_id=f"U{n}", slot=f"U{n}") for n in range(1, 6))
    shown = page(replace(record, samples=others)).decode()
    assert "<article" not in shown
    rows = _Rows()
    rows.feed(shown)
    lines = [row for row in rows.rows if row and row[0] in {sample.sample_id for sample in others}]
    assert len(lines) == 2 * len(others)
    assert shown.count(first.explanation.rstrip(".")) == 1
    assert "The same for all of these samples" in shown


def test_an_empty_run_renders(factory: ModuleType) -> None:
    """A plate without samples, curve or findings still has its page."""
    record = factory.run_record(samples=())
    bare = replace(record, curves=(), controls=(), blanks=(), findings=(), precision=None, settings={})
    shown = page(bare).decode()
    assert "There is no sample on this plate" in shown
    assert "This run has no standard curve" in shown
    _parse(shown)


def test_all_reports_come_from_one_call(factory: ModuleType) -> None:
    """Five files in memory, for 384 wells too."""
    files = render(factory.run_record(shape=(16, 24)))
    views = ["results.xlsx", "report.html", "report.pdf", "worklist.csv", "results.csv"]
    assert list(files) == ["results.json", *views]
    assert files["results.xlsx"].startswith(b"PK")
    assert len(re.findall(rb"<article", files["report.html"])) == 20


def test_pictures_draw_any_text(record: RunRecord) -> None:
    """Mathematics signs, control characters and missing glyphs do not stop a picture."""
    samples = tuple(
        replace(record.samples[0], sample_id=text)
        for text in ("$x^2$", "$\\frac", "a\x07", "\u6f22\U0001f9ea")
    )
    odd = replace(record, samples=samples)
    scenes = dilutions_scene(odd), curve_scene(odd, odd.curves[0]), plate_scene(odd)
    for figure in map(paint, scenes):
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
    code = "import sys, pipeline.report.drawing.figures; print('matplotlib.pyplot' in sys.modules)"
    assert _in_a_new_process(code) == "False"
