"""Every number of the workbook is one of results.json, over all sample cases; read back by openpyxl alone."""

from __future__ import annotations

import io
import json
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from number_format import numbers_in
from openpyxl import Workbook, load_workbook
from sample_cases import RENDERED, SampleCase, records

from pipeline.domain.record import RunRecord
from pipeline.record.document import to_json
from pipeline.report.excel.workbook import workbook

COUNTS = {"Summary", "Plates", "Provenance"}
"""Sheets that also count wells and samples, or number columns."""


@dataclass(frozen=True)
class Run:
    """One plate twice: as the JSON document and as the workbook, both read from their bytes."""

    document: dict[str, Any]
    book: Workbook


@cache
def _runs(case: SampleCase) -> tuple[Run, ...]:
    return tuple(map(_run, records(case)))


def _run(record: RunRecord) -> Run:
    return Run(json.loads(to_json(record)), load_workbook(io.BytesIO(workbook(record))))


@pytest.fixture(params=RENDERED, ids=str)
def runs(request: pytest.FixtureRequest) -> tuple[Run, ...]:
    """All plates of a sample case."""
    return _runs(request.param)


def _known(value: float, known: list[float]) -> bool:
    """Is it in a sorted list, to the 15 digits that a workbook holds?"""
    at = bisect_left(known, value)
    return any(_close(value, near) for near in known[max(at - 1, 0) : at + 1])


def _close(found: Any, expected: float | str | None) -> bool:
    if not isinstance(expected, float | int):
        return bool(found == expected)
    return bool(found == pytest.approx(expected, rel=1e-14))


def test_no_number_of_the_workbook_is_its_own(runs: tuple[Run, ...]) -> None:
    """Each number stands in results.json too, as it is or in percent; the workbook computes nothing."""
    for run in runs:
        known = {factor * value for value in numbers_in(run.document) for factor in (1, 100)} | {0.0}
        counts = {float(count) for count in range(run.document["rows"] * run.document["columns"] + 1)}
        plain, counted = sorted(known), sorted(known | counts)
        for sheet in run.book.worksheets:
            here = counted if sheet.title in COUNTS else plain
            for cell in _number_cells(sheet):
                assert _known(cell.value, here), (sheet.title, cell.coordinate, cell.value)


def _number_cells(sheet: Any) -> Iterator[Any]:
    for line in sheet.iter_rows():
        yield from (cell for cell in line if cell.data_type == "n" and cell.value is not None)


def _table(book: Workbook, sheet: str, *headings: str) -> list[dict[str, Any]]:
    """Rows below the first line that has all the headings, up to an empty one."""
    lines = [[cell.value for cell in line] for line in book[sheet].iter_rows()]
    start = next(number for number, line in enumerate(lines) if set(headings) <= set(line))
    rows = []
    for line in lines[start + 1 :]:
        if line[0] is None:
            break
        rows.append(_first_of_each(lines[start], line))
    return rows


def _first_of_each(headings: list[Any], line: list[Any]) -> dict[str, Any]:
    """Of headings that come twice (``95 % low``) the first one, beside the titer."""
    found: dict[str, Any] = {}
    for heading, value in zip(headings, line, strict=True):
        found.setdefault(heading, value)
    return found


def test_titers_stand_in_their_rows(runs: tuple[Run, ...]) -> None:
    """Each sample's titer and interval as numbers, in its own line."""
    for run in runs:
        rows = _table(run.book, "Samples", "Sample", "Titer")
        assert [row["Sample"] for row in rows] == [sample["sample_id"] for sample in run.document["samples"]]
        for row, sample in zip(rows, run.document["samples"], strict=True):
            titer = sample["titer"]
            assert _close(row["Titer"], titer["text"] if titer["value"] is None else titer["value"])
            if titer["value"] is not None:
                ends = ["not bounded" if end is None else end for end in titer["ci95"] or (None, None)]
                shown = [row["95 % low"], row["95 % high"]]
                assert titer["ci95"] is None or all(map(_close, shown, ends))


def _clear(sample: dict[str, Any]) -> bool:
    """A clear negative, whose shares and ratios say nothing."""
    return (sample["classification"], sample["antigen_negative"]["status"]) == ("NEGATIVE", "pass")


def test_endpoint_hnk1_and_background_stand_in_their_rows(runs: tuple[Run, ...]) -> None:
    """The other numbers of a sample, in the blocks of the sheet Samples."""
    for run in runs:
        samples = run.document["samples"]
        for heading, path in (
            ("Endpoint: last positive", ("endpoint_titer", "last_positive")),
            ("Endpoint interpolated", ("endpoint_titer", "interpolated")),
            ("Specific fraction", ("antigen_negative", "specific_fraction")),
            ("HNK1 value", ("hnk1", "value")),
        ):
            if path[0] == "hnk1" and not run.document["settings"].get("hnk1"):
                continue  # the assay does not ask for it, and has no such column
            rows = _table(run.book, "Samples", "Sample", heading)
            for row, sample in zip(rows, samples, strict=True):
                withheld = path[0] == "hnk1" and run.document["verdict"] == "rejected"
                withheld |= path[0] == "antigen_negative" and _clear(sample)
                value = None if withheld else sample[path[0]][path[1]]
                assert _close(row[heading], value), (heading, row)


def test_dilutions_stand_in_their_rows(runs: tuple[Run, ...]) -> None:
    """Each dilution of samples and controls with its net OD, titer and mean OD."""
    for run in runs:
        results = [*run.document["samples"], *(control["result"] for control in run.document["controls"])]
        steps = [(result, step) for result in results for step in result["dilutions"]]
        rows = _table(run.book, "Dilutions", "Sample", "Net OD")
        for row, (result, step) in zip(rows, steps, strict=True):
            assert row["Dilution 1:"] == step["dilution"]
            assert _close(row["Net OD"], step["net_od"])
            specific = result["classification"] != "NONSPECIFIC_BINDING"
            titer = step["titer"] if specific else None
            assert _close(row[f"Titer, {run.document['run']['unit']}"], titer)
            for antigen, od in step["od"].items():
                assert _close(row[f"{antigen} OD"], od["mean"])


def test_each_well_stands_in_its_place(runs: tuple[Run, ...]) -> None:
    """OD of every well in the list of wells and in the heat map."""
    for run in runs:
        rows = _table(run.book, "Wells", "Well", "OD used")
        plate = run.book["Plates"]
        for row, well in zip(rows, run.document["wells"], strict=True):
            assert row["Well"] == well["well"]
            assert _close(row["OD used"], well["od"])
            place = plate.cell(4 + ord(well["well"][0]) - ord("A"), 1 + int(well["well"][1:]))
            assert _close(place.value, well["od"]) or str(place.value).startswith("\u2716")


def test_calibrators_and_parameters_stand_in_their_rows(runs: tuple[Run, ...]) -> None:
    """The curve of each run: levels with recovery, parameters with standard error."""
    for run in runs:
        for fit in run.document["curves"]:
            rows = {row["Level"]: row for row in _table(run.book, "Standard curve", "Level", "Recovery %")}
            for level in fit["calibrators"]:
                assert _close(rows[level["level"]]["Recovery %"], level["recovery_percent"])
                assert _close(rows[level["level"]]["Mean OD"], level["mean_od"])
            for row in _table(run.book, "Standard curve", "Parameter", "SE"):
                assert _close(row["Value"], fit["parameters"][row["Parameter"]]["value"])
                assert _close(row["SE"], fit["parameters"][row["Parameter"]]["se"])


def test_each_finding_stands_with_what_was_observed(runs: tuple[Run, ...]) -> None:
    """No finding is lost, failures come first, and observed values and limits are those of the rules."""
    for run in runs:
        rows = _table(run.book, "QC", "Verdict", "Observed")
        order = ["fail", "warn", "not_evaluated", "pass"]
        findings = sorted(run.document["findings"], key=lambda finding: order.index(finding["verdict"]))
        for row, finding in zip(rows, findings, strict=True):
            assert row["Rule"] == finding["rule"]
            assert _close(row["Observed"], finding["observed"])
            assert _close(row["Limit"], finding["limit"])
