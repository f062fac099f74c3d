"""results.csv: one row a sample, every value the record's, every id text."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.findings import RunVerdict
from pipeline.domain.record import RunRecord
from pipeline.record.document import to_json
from pipeline.report.tables.columns import JOINER
from pipeline.report.tables.data_dictionary import data_dictionary
from pipeline.report.tables.results_csv import results_csv
from pipeline.report.tables.sample_columns import CSV, HEADER, TO_REPEAT, sample_rows
from pipeline.report.tables.worklist import tasks
from pipeline.report.words.csv_text import harmless
from pipeline.report.words.text import safe_text, visible
from pipeline.report.words.tones import Format, class_word

PLACES: dict[str, Callable[[dict[str, Any], dict[str, Any]], Any]] = {
    "run_id": lambda run, _: run["run"]["id"],
    "export": lambda run, _: run["run"]["export"]["name"],
    "verdict": lambda run, _: run["verdict"],
    "sample_id": lambda _, sample: sample["sample_id"],
    "class_in_words": lambda _, sample: class_word(SampleClass(sample["classification"])).text,
    "titer": lambda _, sample: sample["titer"]["value"],
    "titer_low_95": lambda _, sample: (sample["titer"]["ci95"] or [None])[0],
    "titer_high_95": lambda _, sample: (sample["titer"]["ci95"] or [None, None])[1],
    "endpoint_titer": lambda _, sample: sample["endpoint_titer"]["last_positive"],
    "hnk1_value": lambda _, sample: sample["hnk1"]["value"],
    "reasons": lambda _, sample: JOINER.join(sample["reasons"]),
    "software": lambda run, _: run["run"]["software"]["titerline"],
}
"""Written out by hand, beside the paths that the table of columns states."""


def read(record: RunRecord) -> list[dict[str, str]]:
    """The file as a program reads it."""
    return list(csv.DictReader(io.StringIO(results_csv(record).decode("utf-8-sig"), newline="")))


def at(place: str, run: dict[str, Any], sample: dict[str, Any]) -> Any:
    """The value at a path of the data dictionary, in the JSON document."""
    found: Any = sample if place.startswith("samples[]") else run
    for part in re.findall(r"\w+", place.removeprefix("samples[].")):
        if found is not None:
            found = found[int(part)] if part.isdigit() else found[part]
    return found


def clear(sample: dict[str, Any]) -> bool:
    """A clear negative, whose shares and ratios say nothing."""
    return (sample["classification"], sample["antigen_negative"]["status"]) == ("NEGATIVE", "pass")


def test_every_value_is_the_record_s(
    sample_records: dict[str, RunRecord], reader_records: dict[str, RunRecord]
) -> None:
    """Over all sample cases each cell is the value of results.json at the place that the dictionary names."""
    for record in (*sample_records.values(), *reader_records.values()):
        document = json.loads(to_json(record))
        for row, sample in zip(read(record), document["samples"], strict=True):
            for column in CSV:
                expected = at(column.place, document, sample)
                if column.name == "class_in_words":
                    expected = class_word(SampleClass(expected)).text
                if column.name == TO_REPEAT:
                    expected = sample["slot"] in {task.slot for task in tasks(record)}
                if column.name.startswith("specific_") and clear(sample):
                    expected = None
                if column.name.startswith("hnk1_") and record.verdict is RunVerdict.REJECTED:
                    expected = None
                if isinstance(expected, list):
                    expected = JOINER.join(expected)
                cell = row[column.name]
                if isinstance(expected, str):
                    known = cell if column.form is Format.CODE else cell.removeprefix("'")
                    assert known == visible(expected.replace("\u202f", " ")), column.name
                else:
                    assert cell == ("" if expected is None else json.dumps(expected)), column.name


def test_the_main_columns_by_hand(sample_records: dict[str, RunRecord]) -> None:
    """A wrong place in the table of columns is found, too: these places are written out here."""
    for record in sample_records.values():
        document = json.loads(to_json(record))
        for row, sample in zip(sample_rows(record), document["samples"], strict=True):
            found = dict(zip(HEADER, row, strict=True))
            for name, place in PLACES.items():
                withheld = name.startswith("hnk1_") and document["verdict"] == "rejected"
                assert found[name] == (None if withheld else place(document, sample)), name


def test_a_rejected_plate_tells_no_hnk1(sample_records: dict[str, RunRecord]) -> None:
    """A LIMS cannot take what was measured on a rejected plate for a result."""
    rejected = [r for r in sample_records.values() if r.verdict is RunVerdict.REJECTED]
    assert any(sample.hnk1.status == "positive" for record in rejected for sample in record.samples)
    for row in (row for record in rejected for row in read(record)):
        assert {value for name, value in row.items() if name.startswith("hnk1_")} == {""}


def test_sample_cases_fill_every_column(sample_records: dict[str, RunRecord]) -> None:
    """No column is dead: each holds a value in some sample case, but for what only later runs have."""
    filled: set[str] = set()
    for record in sample_records.values():
        for row in sample_rows(record):
            filled |= {name for name, value in zip(HEADER, row, strict=True) if value not in (None, "")}
    assert set(HEADER) - filled <= {"supersedes", "hnk1_at_least", "collected_on", "patient_code"}


def test_the_data_dictionary_is_current(root: Path) -> None:
    """The page tells of this version: make it with python -m pipeline.report.tables.data_dictionary."""
    assert (root / "docs" / "data_dictionary.md").read_text(encoding="utf-8") == data_dictionary()


def test_names_are_unique_and_tidy() -> None:
    """A LIMS maps columns by name."""
    assert len(set(HEADER)) == len(HEADER)
    assert all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in HEADER)


def test_null_truth_and_text_can_be_told_apart(factory: ModuleType) -> None:
    """Null is nothing, empty text is a pair of quotes, truth values are words, numbers have no quotes."""
    sample = factory.plate_of_samples((8, 12))[2]
    record = factory.run_record(samples=(replace(sample, patient_code=None, next_step="", flags=()),))
    line = results_csv(record).decode("utf-8-sig").splitlines()[1]
    values = dict(zip(HEADER, next(csv.reader([line])), strict=True))
    assert values["reportable"] == "true"
    assert re.search(r',"[^"]*",,"2026-02-14",1\.0,"NEGATIVE",', line)
    assert ',"","","' in line  # no flags, no reasons
    assert ',"","0.1.0",false' in line


def test_hostile_text_is_inert_and_comes_back(factory: ModuleType, hostile_ids: tuple[str, ...]) -> None:
    """No id becomes a formula or moves a cell; the sign in front can be taken away again."""
    sample = factory.plate_of_samples((8, 12))[0]
    named = tuple(replace(sample, sample_id=text, slot=text, patient_code=text) for text in hostile_ids)
    rows = read(factory.run_record(samples=named))
    for row, text in zip(rows, hostile_ids, strict=True):
        for name in ("sample_id", "slot", "patient_code"):
            assert not row[name].lstrip().startswith(("=", "+", "-", "@", "\uff1d")), text
            assert row[name].removeprefix("'") == safe_text(text)
        assert row["classification"] == sample.classification


@pytest.mark.parametrize("text", ["=1", "'=1", "''=1", "'", "plain", "-", " +1", ""])
def test_protection_can_be_undone(text: str) -> None:
    """Two different ids never become one."""
    assert harmless(text).removeprefix("'") == text


def test_a_run_without_samples_has_its_heading(factory: ModuleType) -> None:
    """The file is never empty."""
    assert read(factory.run_record(samples=())) == []
    assert results_csv(factory.run_record(samples=())).startswith(b'\xef\xbb\xbf"run_id"')
