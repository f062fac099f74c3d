"""report.pdf: every page, every number, any text, the same bytes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest
from pdf_text import pages

from pipeline.domain.record import RunRecord
from pipeline.record.document import to_json
from pipeline.report import render
from pipeline.report.pdf.document import report_pdf

Printed = dict[str, tuple[list[Any], list[list[str]]]]

SPACE, MINUS, DASH, SQUARE = "\u202f", "\u2212", "\u2013", "\u25a1"


def od(value: float | None) -> str:
    """An OD with three decimals; nothing is a dash."""
    if value is None:
        return DASH
    rounded = Decimal(f"{value:.15g}").quantize(Decimal("0.001"), ROUND_HALF_UP)
    return str(rounded).replace("-", MINUS)


def titer(value: float | None) -> str:
    """Three significant digits, thousands apart; nothing is a dash."""
    if value is None:
        return DASH
    rounded = float(f"{value:.2e}")
    digits = max(0, 2 - int(f"{rounded:e}".split("e")[1]))
    return f"{rounded:,.{digits}f}".replace(",", SPACE)


def yes(value: bool | None) -> str:  # noqa: FBT001 - a value of the record
    """A truth value in words."""
    return DASH if value is None else "yes" if value else "no"


def strip_rows(sample: dict[str, Any]) -> list[list[str]]:
    """The numbers of each dilution as a reader expects them, up to the words at the end of the row."""
    antigens = list(dict.fromkeys(a for step in sample["dilutions"] for a in step["od"]))
    specific = sample["classification"] != "NONSPECIFIC_BINDING"
    return [
        [
            f"{step['dilution']:,.0f}".replace(",", SPACE),
            *(od(step["od"].get(antigen, {}).get("mean")) for antigen in antigens),
            *(od(step["net_od"]), od(step["cutoff_od"]), yes(step["positive"])),
            titer(step["titer"] if specific else None),
            "no titer" if step["used"] and sample["titer"]["value"] is None else yes(step["used"]),
        ]
        for step in sample["dilutions"]
    ]


def holds(texts: list[str], row: list[str]) -> bool:
    """Do the texts of ``row`` follow each other?"""
    return any(texts[n : n + len(row)] == row for n, text in enumerate(texts) if text == row[0])


@pytest.fixture(scope="module")
def drawn(record: RunRecord) -> list[list[str]]:
    """The pages of the usual record."""
    return pages(report_pdf(record))


@pytest.fixture(scope="module")
def printed(sample_records: dict[str, RunRecord]) -> Printed:
    """Of each sample case the samples of ``results.json``, and the pages of the PDF."""
    return {
        name: (json.loads(to_json(record))["samples"], pages(report_pdf(record)))
        for name, record in sample_records.items()
    }


def test_a_file_of_its_name_comes_with_every_run(record: RunRecord) -> None:
    """The other reports and the PDF are made in one call."""
    assert render(record)["report.pdf"].startswith(b"%PDF-")


def test_the_same_record_gives_the_same_bytes(record: RunRecord) -> None:
    """No clock and no chance: the date in the file is that of the run."""
    first, second = report_pdf(record), report_pdf(record)
    assert first == second
    assert b"D:20260217091403" in first


def test_every_number_of_every_dilution_is_that_of_the_record(printed: Printed) -> None:
    """Each row of each strip of each sample case, against the JSON and formatted here."""
    seen = 0
    for name, (samples, drawn) in printed.items():
        texts = [text for page in drawn for text in page]
        for sample in samples:
            for row in strip_rows(sample):
                tight = [text for text in row if text != "\u2013"]
                assert holds(texts, row) or holds(texts, tight), (name, sample["sample_id"], row)
                seen += 1
    assert seen > 200


def test_every_titer_of_the_sample_table_is_that_of_the_record(printed: Printed) -> None:
    """Value, unit and interval of each sample, against the JSON and formatted here."""
    seen = 0
    for samples, drawn in printed.values():
        texts = [re.sub(r"\s+", " ", " ".join(page)) for page in drawn]
        for sample in samples:
            found = sample["titer"]
            if found["value"] is None or found["qualifier"] != "=" or None in (found["ci95"] or (None,)):
                continue
            low, high = map(titer, found["ci95"])
            expected = f"{titer(found['value'])} {found['unit']} ({low} to {high})"
            plain = re.sub(r"\s+", " ", expected)
            assert any(plain in text for text in texts), (sample["sample_id"], expected)
            seen += 1
    assert seen > 60


def test_every_page_says_which_it_is(drawn: list[list[str]], record: RunRecord) -> None:
    """A lost page is noticed, and each can be put back to its run and its assay."""
    for number, texts in enumerate(drawn, start=1):
        assert texts[-1] == f"Page {number} of {len(drawn)}"
        assert record.run.id in texts[-2]
        assert record.run.assay in texts[-2]


def test_the_first_page_decides(drawn: list[list[str]]) -> None:
    """Verdict, why, what to do, samples, and above the lines to sign as much as there is room for."""
    first = drawn[0]
    order = [
        *("\u25b2 Accepted", "with warnings", "Why:", "What to do:", "Samples"),
        *("Technician", "Date", "Reviewed by"),
    ]
    assert sorted(order, key=first.index) == order
    texts = [text for page in drawn for text in page]
    rest = ["Standard curve, MAG", "Controls against their limits", "Left out, and why", "Plate map"]
    assert sorted([*rest, "Samples in detail"], key=texts.index) == [*rest, "Samples in detail"]


def test_who_signs_has_seen_all_samples(printed: Printed) -> None:
    """Page one lists every sample above the lines to sign, of the kit plate and of 384 wells too."""
    most = 0
    for name, (samples, drawn) in printed.items():
        above = drawn[0][: drawn[0].index("Technician")]
        assert {sample["sample_id"] for sample in samples} <= set(above), name
        most = max(most, len(samples))
    assert most >= 20


def test_the_rest_follows_in_order(drawn: list[list[str]]) -> None:
    """Strips, findings, provenance."""
    texts = [text for page in drawn for text in page]
    order = [
        *("Samples in detail", "Findings to read", "Findings: passed or not evaluated"),
        *("Wells not used", "Curve, controls and blanks in numbers", "Provenance"),
        "Limits of the assay with their sources",
    ]
    assert sorted(order, key=texts.index) == order


def test_a_rejected_run_gives_its_reasons_first(factory: ModuleType) -> None:
    """What failed stands before the samples in detail."""
    record = factory.run_record(fail=True, fit=factory.failed_curve())
    texts = [text for page in pages(report_pdf(record)) for text in page]
    assert "\u2716 Rejected" in texts
    assert texts.index("Findings to read") < texts.index("Samples in detail")
    assert any(text.startswith("\u2716 No curve") or "No curve could be fitted" in text for text in texts)


def test_no_strip_is_broken_over_pages(printed: Printed) -> None:
    """Name and last dilution of a sample stand on one page."""
    for name, (samples, drawn) in printed.items():
        for sample in samples:
            last = strip_rows(sample)[-1]
            homes = [n for n, page in enumerate(drawn) if f"slot {sample['slot']}" in page]
            if len(sample["dilutions"]) == 1 and not homes:  # a line of the table of single dilutions
                continue
            assert len(homes) == 1, name
            assert holds(drawn[homes[0]], last), (name, sample["sample_id"])


def test_a_long_table_repeats_its_heading(printed: Printed) -> None:
    """The columns of the findings are named on each page that they reach."""
    _, drawn = printed["clean_384, Plate384"]
    reached = [page for page in drawn if "SMP-04" in page or "CAL-01" in page or "REP-01" in page]
    assert len(reached) > 1
    assert all("Rule" in page and "Limit from" in page for page in reached)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<b>\"'&</b>", "<b>\"'&</b>"),
        ("=1+1 \\(x\\) (", "=1+1 \\(x\\) ("),
        ("a\x07b\n", f"a{SQUARE}b{SQUARE}"),
        ("ab\u202ecd", "ab<U+202E>cd"),
        ("\u03b1\u03b2\u03a9 \u00c4\u00df\u00e9\u0142", "\u03b1\u03b2\u03a9 \u00c4\u00df\u00e9\u0142"),
        ("\u05d0\u0645\u6f22\U0001f9ea", SQUARE * 4),
        ("\ud800", "<U+D800>"),
        ("{nb} {{ 7*7 }}", "{nb} {{ 7*7 }}"),
    ],
)
def test_any_name_is_drawn_as_text(record: RunRecord, name: str, shown: str) -> None:
    """Markup, formulas, control signs, other scripts: visible or a square, and never obeyed."""
    samples = (replace(record.samples[0], sample_id=name, slot=name), *record.samples[1:])
    run = replace(record.run, plate=name, id=name, operator=name, assay_title=name)
    drawn = pages(report_pdf(replace(record, samples=samples, run=run)))
    texts = [text for page in drawn for text in page]
    assert sum(shown in text for text in texts) >= 4


def test_a_name_of_5000_signs_is_shortened(record: RunRecord) -> None:
    """It ends in an ellipsis, breaks no page, and pushes nothing off it."""
    long = "W" * 5000
    samples = tuple(replace(sample, sample_id=long, slot=long, comment=long) for sample in record.samples)
    run = replace(record.run, plate=long, id=long, operator=long, assay=long)
    wells = tuple(replace(well, name=long, reason=long) for well in record.wells)
    drawn = pages(report_pdf(replace(record, samples=samples, run=run, wells=wells)))
    texts = [text for page in drawn for text in page]
    assert max(map(len, texts)) < 200
    assert any(text.endswith("W\u2026") for text in texts)
    assert len(drawn) < 40


def test_records_without_much_in_them_are_printed(factory: ModuleType, record: RunRecord) -> None:
    """No sample, no curve, no finding; a single dilution; no time; 384 wells."""
    bare = replace(
        factory.run_record(samples=()), curves=(), controls=(), blanks=(), findings=(), settings={}
    )
    texts = [text for page in pages(report_pdf(bare)) for text in page]
    assert "There is no sample on this plate." in texts
    single = replace(record, samples=tuple(replace(s, dilutions=s.dilutions[:1]) for s in record.samples))
    assert len(pages(report_pdf(single))) > 2
    undated = replace(record, run=replace(record.run, processed_at="yesterday"))
    assert report_pdf(undated) == report_pdf(undated)
    assert len(pages(report_pdf(factory.run_record(shape=(16, 24))))) > 5


def test_the_document_says_what_it_is(record: RunRecord) -> None:
    """Title, subject and author for the list of a document store, and an outline to jump by."""
    raw = report_pdf(record)
    title = b"\xfe\xff" + "Accepted with warnings: Plate 3".encode("utf-16-be")
    assert title in raw or b"Accepted with warnings: Plate 3" in raw
    assert b"/Outlines" in raw
    assert b"/Lang (en)" in raw


def test_pages_stand_in_order(drawn: list[list[str]]) -> None:
    """Page numbers rise by one."""
    numbers = [int(page[-1].split()[1]) for page in drawn]
    assert all(after == before + 1 for before, after in pairwise(numbers))


def test_other_commands_do_not_wait_for_the_pdf() -> None:
    """Importing the reports does not import the PDF package."""
    code = "import sys, pipeline.report, pipeline.report.first_page.contents; print('fpdf' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert done.stdout.strip() == "False"
