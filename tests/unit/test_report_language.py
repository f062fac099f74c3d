"""Reports in German: complete, with decimal commas, and with the laboratory's own text as it was typed."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType

import pytest

from pipeline.domain.message import PLACE, Message
from pipeline.domain.record import ReportStyle, RunRecord
from pipeline.record.document import from_json, to_json
from pipeline.report import render
from pipeline.report.drawing.charts import scenes_of
from pipeline.report.language import language
from pipeline.report.page.html import page
from pipeline.report.pdf.document import report_pdf
from pipeline.workspace.settings import Settings

GERMAN = ReportStyle("de", ",")
ENGLISH_WORDS = re.compile(r"\b(the|of|and|is|are|not|with|well|wells|sample|check|failed|at)\b")


def _in_german(record: RunRecord) -> RunRecord:
    return replace(record, reports=GERMAN)


def _texts(shown: str) -> Iterator[str]:
    """Visible text, titles for hovering and labels for screen readers."""
    body = re.sub(r"<style>.*?</style>", "", shown, flags=re.DOTALL)
    for text in [*re.findall(r">([^<]+)<", body), *re.findall(r'aria-label="([^"]*)"', body)]:
        if text.strip():
            yield html.unescape(text).strip()


_KEPT = ("antigen", "format", "control_antigen", "competitor_form", "unit")
"""Settings that the reports look at."""


def _without_prose(value: object, key: str = "") -> object:
    """Settings of which every text, such as the source of a limit, is one German word."""
    if isinstance(value, dict):
        return {key: _without_prose(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_prose(item) for item in value]
    return "Quelle" if isinstance(value, str) and key not in _KEPT else value


def _bare(record: RunRecord) -> RunRecord:
    """The record without what only the laboratory and its files said."""
    settings = _without_prose(dict(record.settings))
    assert isinstance(settings, dict)
    software = replace(record.run.software, titerline="1", python="3", platform="x", packages={})
    run = replace(record.run, assay_title="Titel", assay_version="1", software=software, metadata={})
    lacking = {"level_comment": None, "reference_range": None, "comment": None}
    return replace(
        record,
        run=run,
        settings=settings,
        findings=tuple(replace(finding, source="Quelle") for finding in record.findings),
        samples=tuple(
            replace(sample, **lacking, result_text=_without_given(sample.result_text))
            for sample in record.samples
        ),
        cells_not_understood=(),
    )


def _without_given(text: str) -> str:
    """A message with a sign in each place whose text is never translated."""
    if not isinstance(text, Message):
        return text
    kinds = dict(PLACE.findall(text.template))
    values = {name: _without_given(value) if kinds[name] else "#" for name, value in text.values.items()}
    return Message(text.template, **values)


@pytest.fixture(scope="module")
def english(sample_records: dict[str, RunRecord]) -> dict[str, list[str]]:
    """Case -> texts of its English page, without the laboratory's own."""
    return {name: list(_texts(page(_bare(record)).decode())) for name, record in sample_records.items()}


@pytest.fixture(scope="module")
def german(sample_records: dict[str, RunRecord]) -> dict[str, list[str]]:
    """The same in German."""
    bare = {name: _in_german(_bare(record)) for name, record in sample_records.items()}
    return {name: list(_texts(page(record).decode())) for name, record in bare.items()}


def test_german_lacks_no_text(sample_records: dict[str, RunRecord]) -> None:
    """In report.html and report.pdf of every sample case each text of the program is in the catalogue."""
    said = language("de", ",")
    said.missing.clear()
    said.matched.clear()
    for record in map(_in_german, sample_records.values()):
        scenes = scenes_of(record)
        shown = page(record, scenes)
        report_pdf(record, scenes)
        assert page(from_json(to_json(record)), scenes) == shown
    assert sorted(said.missing) == []
    assert sorted(said.matched) == [], "a text without its template"


INVENTED = frozenset(
    {
        *("Control agrees with its history", "Control out of range", "Fewer than 20 earlier runs."),
        "PC2 reads 141 % of its target, outside 75 to 125 %.",
        "Repeat after absorption, or confirm with another method.",
        "The lowest level was dropped and the curve fitted again.",
        "The two MAG wells differ by 23.4 %, more than 20 %. Look at wells D5 and D6.",
        *("above the reader's range (OVRFLW)", "at least 27000", "below 1000", "##BLOCKS= in line 1"),
        *("below the lowest calibrator that passed", "recovery 131 % is outside 75 to 125 %"),
        "the calibrators do not rise: top OD 0.08, blank OD 0.06",
        "signal compared with its limit of 0.30 OD.",
    }
)
"""Sentences of the record factory that no program ever wrote."""


def test_german_lacks_no_text_of_odd_records(factory: ModuleType) -> None:
    """A failed curve, a failed control, unused wells and 384 wells are told in German too."""
    said = language("de", ",")
    said.missing.clear()
    for options in {"fit": factory.failed_curve(), "fail": True}, {"shape": (16, 24)}, {}:
        record = _in_german(factory.run_record(**options))
        page(record)
        report_pdf(record)
    prose = {sample.explanation for sample in factory.run_record().samples}
    assert said.missing - INVENTED - prose == set()


def test_no_english_is_left(german: dict[str, list[str]]) -> None:
    """What a reader sees of a German page holds no English but what the lab wrote itself."""
    for name, shown in german.items():
        assert [text for text in shown if ENGLISH_WORDS.search(text)] == [], name


def test_numbers_are_those_of_the_record(english: dict[str, list[str]], german: dict[str, list[str]]) -> None:
    """A German page shows the English page's numbers, text by text, with a comma and never with a point."""
    for name, texts in english.items():
        for one, other in zip(texts, german[name], strict=True):
            cut = one.endswith("\u2026") or other.endswith("\u2026")
            assert cut or _numbers(one, ".") == _numbers(other, ","), (one, other)
            assert re.search(r"\d\.\d", other) is None


def _numbers(text: str, decimal: str) -> list[float]:
    """Numbers of a text, sorted: a German sentence may put them in another order."""
    joined = text.replace("\u202f", "").replace("\u2212", "-")
    found = re.findall(rf"(?<![\w.,-])-?\d+(?:{re.escape(decimal)}\d+)?(?:e[+-]?\d+)?(?![\d.\w])", joined)
    return sorted(float(number.replace(",", ".")) for number in found)


def test_every_kind_of_number_gets_the_comma(record: RunRecord) -> None:
    """OD in tables, on the plate map, at axes and in hovering texts."""
    shown = page(_in_german(record)).decode()
    summary = next(iter(record.samples[0].dilutions[0].od.values()))
    assert f"{summary.mean:.3f}".replace(".", ",") in shown
    assert re.search(r">0,\d</text>", shown)
    assert re.search(r"<title>[A-H]\d+: [^<]*OD \d,\d{3}", shown)


def test_english_with_a_comma(record: RunRecord) -> None:
    """The decimal sign is a setting of its own: English words, comma in numbers and in sentences."""
    shown = page(replace(record, reports=ReportStyle("en", ","))).decode()
    assert "Standard curve, MAG" in shown
    assert "Version" not in shown
    assert re.search(r">0,\d</text>", shown)


@pytest.mark.parametrize("typed", ["Negative", "Positive", "Samples", "rejected 1.5", "no sample", "Control"])
def test_text_of_the_lab_stays(record: RunRecord, typed: str) -> None:
    """What is called like one of our words, or holds a point, is shown like any other name."""
    other = f"{typed}Q"
    shown, beside = (list(_texts(page(_in_german(_named(record, name))).decode())) for name in (typed, other))
    assert len(shown) == len(beside)
    places = [(one, two) for one, two in zip(shown, beside, strict=True) if other in two]
    assert len(places) > 20
    for one, two in places:
        assert one == two.replace(other, typed)


def _named(record: RunRecord, name: str) -> RunRecord:
    """Sample, slot, control, level, coating, plate, comment and whoever started it: all have one name."""
    first, control, fit = record.samples[0], record.controls[0], record.curves[0]
    typed = {"sample_id": name, "slot": name, "comment": name, "patient_code": name, "extra": {name: name}}
    level = replace(fit.calibrators[0], level=name)
    return replace(
        record,
        run=replace(record.run, plate=name, operator=name),
        samples=(replace(first, **typed), *record.samples[1:]),
        controls=(replace(control, name=name, lot=name), *record.controls[1:]),
        curves=(replace(fit, antigen=name, calibrators=(level, *fit.calibrators[1:])),),
        findings=tuple(replace(one, subject=name, source=name, message="") for one in record.findings),
        cells_not_understood=(name,),
    )


def test_a_record_keeps_its_language(record: RunRecord) -> None:
    """Reports can be written again byte by byte; a record of an older version is English."""
    german = _in_german(record)
    again = from_json(to_json(german))
    assert again.reports == GERMAN
    assert render(again)["report.html"] == render(german)["report.html"]
    old = json.loads(to_json(record))
    del old["reports"]
    assert from_json(json.dumps(old).encode()).reports == ReportStyle("en", ".")


def test_settings_choose() -> None:
    """The decimal sign follows the language unless it is set."""
    assert Settings().reports == ReportStyle("en", ".")
    assert Settings(language="de").reports == GERMAN
    assert Settings(language="de", decimal=".").reports == ReportStyle("de", ".")


def test_hostile_names_in_german(record: RunRecord, hostile_ids: tuple[str, ...]) -> None:
    """Ids full of brackets, commas and places neither stop the report nor change."""
    first = record.samples[0]
    samples = tuple(replace(first, sample_id=name, slot=name[:40], comment=name) for name in hostile_ids)
    shown = page(_in_german(replace(record, samples=(*samples, replace(first, sample_id="{n:n} {x}")))))
    assert "{n:n} {x}" in shown.decode()


def test_the_english_catalogue_is_the_english_report(
    sample_records: dict[str, RunRecord], english: dict[str, list[str]]
) -> None:
    """With a decimal comma every text goes through the catalogue, and comes out with the same words."""
    for name, record in sample_records.items():
        comma = _texts(page(replace(_bare(record), reports=ReportStyle("en", ","))).decode())
        for one, other in zip(english[name], comma, strict=True):
            assert re.sub(r"(?<=\d),(?=\d)", ".", other) == one
