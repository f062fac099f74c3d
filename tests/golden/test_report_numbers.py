"""Every number of report.html is one of results.json, and report.pdf prints all of them.

Over all sample cases, those of single readers included. The page is read by an HTML parser, the PDF as text.
"""

from __future__ import annotations

import html.parser
import json
import math
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import pytest
from number_format import numbers_in
from pdf_text import pages
from sample_cases import RENDERED, SampleCase, records

from pipeline.domain.record import RunRecord
from pipeline.record.document import to_json
from pipeline.report.drawing.charts import scenes_of
from pipeline.report.page.html import page
from pipeline.report.pdf.document import report_pdf

NUMBER = re.compile(r"[\u2212-]?\d[\d\u202f]*(?:\.\d+)?(?:e[\u2212-]\d+)?")
DASH = "\u2013"
Row = list[str]


@dataclass(frozen=True)
class Run:
    """One plate three times, each read from its bytes."""

    document: dict[str, Any]
    tables: list[list[Row]]
    """Of the page; each starts with its heading."""
    titles: list[str]
    """What the page says when a well is pointed at."""
    printed: str
    """All text of the PDF, without spaces."""


class _Tables(html.parser.HTMLParser):
    """The cells of every table, and the titles inside drawings."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[Row]] = []
        self.titles: list[str] = []
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th", "title"):
            self._into = self.titles if tag == "title" else self.tables[-1][-1]
            self._into.append("")

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "title"):
            self._into = None


@cache
def _runs(case: SampleCase) -> tuple[Run, ...]:
    return tuple(map(_run, records(case)))


def _run(record: RunRecord) -> Run:
    scenes, tables = scenes_of(record), _Tables()
    tables.feed(page(record, scenes).decode())
    texts = [text for one in pages(report_pdf(record, scenes)) for text in one]
    return Run(json.loads(to_json(record)), tables.tables, tables.titles, _tight("".join(texts)))


@pytest.fixture(params=RENDERED, ids=str)
def runs(request: pytest.FixtureRequest) -> tuple[Run, ...]:
    """All plates of a sample case."""
    found = _runs(request.param)
    assert found
    return found


def _tight(text: str) -> str:
    return re.sub(r"\s", "", text)


def _value(text: str) -> float:
    return float(_tight(text).replace("\u2212", "-"))


def _shows(text: str, value: float | None, *, decimals: int | None = None, digits: int = 5) -> bool:
    """Is it this value, a half rounded up, to so many decimals, or else to so many significant digits?"""
    if value is None:
        return text == DASH
    number = Decimal(f"{value:.15g}")
    if decimals is None:
        decimals = (3 if "e" in text else digits) - 1 - number.adjusted()
    rounded = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return Decimal(_tight(text).replace("\u2212", "-")) == rounded


def _tables(run: Run, *headings: str) -> list[list[dict[str, str]]]:
    """Tables whose heading begins with these, as rows by heading."""
    found = [table for table in run.tables if table[0][: len(headings)] == list(headings)]
    return [[dict(zip(table[0], row, strict=True)) for row in table[1:]] for table in found]


def test_calibrators_and_parameters_are_those_of_the_record(runs: tuple[Run, ...]) -> None:
    """Levels with their mean OD and recovery, parameters with their error, each in its row of the page."""
    for run in runs:
        fits = run.document["curves"]
        with_levels = [fit for fit in fits if fit["calibrators"]]
        for fit, rows in zip(with_levels, _tables(run, "Level"), strict=True):
            for level, row in zip(fit["calibrators"], rows, strict=True):
                assert row["Level"] == level["level"]
                assert _shows(row["Mean OD"], level["mean_od"], decimals=3)
                assert _shows(row["CV %"], level["cv_percent"], decimals=1)
                assert _shows(row["Recovery %"], level["recovery_percent"], decimals=1)
                (back,) = (text for name, text in row.items() if name.startswith("Back-calculated"))
                assert _shows(back, level["back_calculated"], digits=3)
        with_parameters = [fit for fit in fits if fit["parameters"]]
        for fit, rows in zip(with_parameters, _tables(run, "Parameter"), strict=True):
            for row in rows:
                parameter = fit["parameters"][row["Parameter"]]
                assert _shows(row["Value"], parameter["value"])
                assert _shows(row["SE"], parameter["se"])
                low, high = parameter["ci95"] or (None, None)
                assert _shows(row["95 % low"], low)
                assert _shows(row["95 % high"], high)


def test_controls_and_blanks_are_those_of_the_record(runs: tuple[Run, ...]) -> None:
    """Titer, target and recovery of each control; mean and SD of the blanks of each coating."""
    for run in runs:
        for rows in _tables(run, "Control", "Kind"):
            for control, row in zip(run.document["controls"], rows, strict=True):
                titer = control["result"]["titer"]
                assert row["Control"] == control["name"]
                assert _shows(row["Recovery %"], control["recovery_percent"], decimals=1)
                if titer["value"] is not None and titer["qualifier"] == "=":
                    shown = NUMBER.findall(row["Titer (95 % interval)"])
                    for text, value in zip(shown, (titer["value"], *(titer["ci95"] or ())), strict=False):
                        assert value is None or _shows(text, value, digits=3)
        for rows in _tables(run, "Coating", "Wells"):
            for blank, row in zip(run.document["blanks"], rows, strict=True):
                assert _shows(row["Mean OD"], blank["mean_od"], decimals=3)
                assert _shows(row["SD OD"], blank["sd_od"], decimals=3)


def test_findings_to_read_are_those_of_the_record(runs: tuple[Run, ...]) -> None:
    """What failed or warns stands there with what was observed and the limit."""
    for run in runs:
        findings = run.document["findings"]
        loud = [found for verdict in ("fail", "warn") for found in findings if found["verdict"] == verdict]
        (rows,) = [table for table in _tables(run, "Verdict", "Rule") if "Message" in table[0]] or [[]]
        assert len(rows) == len(loud)
        for finding, row in zip(loud, rows, strict=True):
            assert row["Rule"] == finding["rule"]
            for name, value in (("Observed", finding["observed"]), ("Limit", finding["limit"])):
                assert _begins_with(row[name], value, digits=3 if name == "Observed" else 5), (name, finding)


def _begins_with(cell: str, value: float | str | None, digits: int) -> bool:
    """A number in front of its unit; what a rule put in words stands as it is."""
    if isinstance(value, str):
        return cell.startswith(value)
    found = NUMBER.match(cell)
    return cell == DASH if value is None else found is not None and _shows(found[0], value, digits=digits)


def test_each_well_of_the_plate_map_has_its_od(runs: tuple[Run, ...]) -> None:
    """Point at a well: its OD to three decimals, and whether it was used."""
    for run in runs:
        titles = {title.split(":")[0]: title for title in run.titles if re.match(r"[A-Z]{1,2}\d+:", title)}
        for well in run.document["wells"]:
            title = titles[well["well"]]
            if well["role"] is not None and well["od"] is not None:
                shown = re.search(r"OD (\S+?)(?:,|$)", title)
                assert shown is not None
                assert _shows(shown[1], well["od"], decimals=3)
                assert ("not used" in title) == (not well["used"])


def test_no_number_of_the_page_is_its_own(runs: tuple[Run, ...]) -> None:
    """Each cell that is a number is a rounded number of results.json, as it is or in percent."""
    for run in runs:
        known = sorted({factor * value for value in numbers_in(run.document) for factor in (1, 100)} | {0.0})
        for table in run.tables:
            for cell in (cell for row in table[1:] for cell in row if NUMBER.fullmatch(cell)):
                assert _known(cell, known), cell


def _known(cell: str, known: list[float]) -> bool:
    """Does a number round to this cell: to its decimals, or to three significant digits?"""
    shown = _value(cell)
    decimals = len(cell.partition("e")[0].partition(".")[2])
    size = math.floor(math.log10(abs(shown))) if shown else 0
    room = 0.5001 * 10.0 ** (size - 4 if "e" in cell else max(-decimals, size - 2 if not decimals else -9))
    near = known[bisect_left(known, shown - room) : bisect_right(known, shown + room)]
    return any(
        _shows(cell, value, decimals=decimals) or _shows(cell, value, digits=3) or _shows(cell, value)
        for value in near
    )


def test_every_number_of_the_page_is_printed_in_the_pdf(runs: tuple[Run, ...]) -> None:
    """A cell with a digit that the page shows stands in the PDF in the same words."""
    for run in runs:
        for table in run.tables:
            for row in table[1:]:
                for cell in row:
                    if NUMBER.search(cell) and "\u2026" not in cell:
                        assert _tight(cell) in run.printed, cell
