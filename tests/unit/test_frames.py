"""Runs as tables of pandas: the values of the records, and nothing that looks like a value and is none."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from sample_cases import case, records

from pipeline import runs
from pipeline.domain.record import RunRecord
from pipeline.errors import InputError
from pipeline.ledger import Ledger
from pipeline.record.document import FAILURE, RECORD, to_json
from pipeline.record.job import ListedRun, RunLine
from pipeline.report.tables.sample_columns import HEADER, sample_rows
from pipeline.runs import Frames
from pipeline.workspace.folders import create_workspace

SHOWN = ("clean_plate", "difficult_sera", "failed_control")
"""A good plate with a titer below the range; one with a titer above; one that quality control rejects."""


@pytest.fixture(scope="module")
def plates() -> dict[str, RunRecord]:
    """Sample plates as runs of three days, by their names."""
    found = {}
    for day, name in enumerate(SHOWN, start=17):
        (record, *_) = records(case(f"anti_mag_igm/{name}"))
        run = replace(record.run, id=name, processed_at=f"2026-02-{day}T09:00:00+01:00")
        found[name] = replace(record, run=run)
    return found


@pytest.fixture(scope="module")
def folder(plates: dict[str, RunRecord], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their results."""
    made: Path = tmp_path_factory.mktemp("results")
    for name, record in plates.items():
        _put(made, name, record)
    return made


@pytest.fixture(scope="module")
def lab(folder: Path) -> Frames:
    """Their tables."""
    return runs.frame(folder)


def _put(folder: Path, name: str, record: RunRecord) -> None:
    (folder / name).mkdir()
    (folder / name / RECORD).write_bytes(to_json(record))


def _of(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table.run_id == name]


def _plain(value: Any) -> Any:
    """A cell as the record has it."""
    return None if value is pd.NA or value is pd.NaT else value


def test_samples_are_those_of_results_csv(lab: Frames, plates: dict[str, RunRecord]) -> None:
    """Column by column the values of each record, in full; an empty text is NA."""
    told = [row for record in plates.values() for row in sample_rows(record)]
    assert list(lab.samples)[: len(HEADER)] == list(HEADER)
    for place, name in enumerate(HEADER):
        if name != "processed_at":
            assert [_plain(v) for v in lab.samples[name]] == [
                row[place] if row[place] != "" else None for row in told
            ], name


def test_a_bound_keeps_its_sign(lab: Frames, plates: dict[str, RunRecord]) -> None:
    """Titers below and above the range stand beside their qualifier, which says that they are bounds."""
    rows = lab.samples.itertuples()
    signs = set()
    for row, sample in zip(rows, (s for record in plates.values() for s in record.samples), strict=True):
        assert (row.titer_qualifier, _plain(row.titer)) == (sample.titer.qualifier, sample.titer.value)
        signs.add(row.titer_qualifier)
    assert signs == {"=", "<", ">="}


def test_a_rejected_plate_gives_no_numbers(lab: Frames) -> None:
    """No titer and no HNK1 of its samples and dilutions, though it was measured; its controls show why."""
    samples, dilutions = _of(lab.samples, "failed_control"), _of(lab.dilutions, "failed_control")
    assert set(samples.verdict) == {"rejected"}
    assert set(samples.classification) == {"INVALID"}
    assert not samples.reportable.any()
    for table, columns in (
        (samples, ["titer", "titer_low_95", "titer_high_95", "hnk1_status", "hnk1_value"]),
        (dilutions, ["titer", "titer_low_95", "titer_high_95"]),
    ):
        assert table[columns].isna().all(axis=None)
    assert dilutions.net_od.notna().any()
    assert not dilutions.used.any()
    failed = _of(lab.findings, "failed_control").query("outcome == 'fail'")
    assert "control" in set(failed.about_kind)
    assert _of(lab.controls, "failed_control").recovery_percent.notna().any()


def test_absent_is_na_and_never_zero(lab: Frames) -> None:
    """Every column has a type of pandas that knows NA; no text is empty and no cell holds a NaN."""
    for table in (lab.runs, lab.samples, lab.dilutions, lab.controls, lab.findings):
        kinds = {name: str(kind) for name, kind in table.dtypes.items()}
        kinds.pop("processed_at")
        assert set(kinds.values()) <= {"string", "Float64", "Int64", "boolean"}
        assert not (table.select_dtypes("string") == "").any(axis=None)
    negative = lab.controls[lab.controls.kind == "negative"]
    assert negative.recovery_percent.isna().all()


def test_dilutions_have_the_wells_behind_them(lab: Frames, plates: dict[str, RunRecord]) -> None:
    """Mean OD, number and CV of the wells of each coating, beside net OD and titer of the dilution."""
    record = plates["clean_plate"]
    rows = _of(lab.dilutions, "clean_plate").itertuples()
    steps = [step for sample in record.samples for step in sample.dilutions]
    for row, step in zip(rows, steps, strict=True):
        assert (row.dilution, _plain(row.net_od), _plain(row.titer)) == (
            step.dilution,
            step.net_od,
            step.titer,
        )
        for antigen, od in step.od.items():
            assert getattr(row, f"od_{antigen}") == od.mean
            assert getattr(row, f"n_{antigen}") == od.n
            assert _plain(getattr(row, f"cv_percent_{antigen}")) == od.cv_percent


def test_findings_hold_what_was_found_and_the_limit(lab: Frames, plates: dict[str, RunRecord]) -> None:
    """Numbers as numbers, words as words, each with its unit and the source of its limit."""
    for row, finding in zip(
        _of(lab.findings, "clean_plate").itertuples(), plates["clean_plate"].findings, strict=True
    ):
        assert (row.rule, row.outcome, _plain(row.limit)) == (finding.rule, finding.verdict, finding.limit)
        observed = _plain(row.observed) if _plain(row.observed_text) is None else row.observed_text
        assert observed == finding.observed


def test_units_are_told(lab: Frames, plates: dict[str, RunRecord]) -> None:
    """Of every column with a unit; a unit that rows do not share is the name of the column that holds it."""
    unit = plates["clean_plate"].run.unit
    assert lab.samples.attrs["units"]["titer"] == unit
    assert lab.dilutions.attrs["units"]["titer_low_95"] == unit
    assert lab.dilutions.attrs["units"]["od_MAG"] == "OD"
    assert lab.controls.attrs["units"]["recovery_percent"] == "%"
    assert lab.findings.attrs["units"]["limit"] == "as unit"
    for table in (lab.runs, lab.samples, lab.dilutions, lab.controls, lab.findings):
        assert all(table.attrs["meanings"][name] for name in table)


def test_units_that_differ_are_not_told_as_one(plates: dict[str, RunRecord], tmp_path: Path) -> None:
    """Two assays in two units: the column says for each row which."""
    other = plates["difficult_sera"]
    samples = tuple(replace(s, titer=replace(s.titer, unit="AU")) for s in other.samples)
    _put(tmp_path, "clean_plate", plates["clean_plate"])
    _put(tmp_path, "other", replace(other, run=replace(other.run, id="other"), samples=samples))
    found = runs.frame(tmp_path).samples
    assert found.attrs["units"]["titer"] == "as titer_unit"
    assert set(found.titer_unit) == {plates["clean_plate"].run.unit, "AU"}


def test_superseded_and_failed_runs_are_marked(
    plates: dict[str, RunRecord], factory: ModuleType, tmp_path: Path
) -> None:
    """They stay in the tables; what still counts is one condition away."""
    old = plates["clean_plate"]
    run = replace(old.run, id="new", processed_at="2026-02-18T09:00:00+01:00", supersedes="clean_plate")
    _put(tmp_path, "clean_plate", old)
    _put(tmp_path, "new", replace(old, run=run))
    (tmp_path / "failed").mkdir()
    (tmp_path / "failed" / FAILURE).write_bytes(to_json(factory.failed_run()))
    found = runs.frame(tmp_path)
    told = {row.run_id: (row.stands, _plain(row.superseded_by)) for row in found.runs.itertuples()}
    failed = factory.failed_run()
    assert told == {"clean_plate": (False, "new"), "new": (True, None), failed.id: (False, None)}
    why = found.runs.set_index("run_id").loc[failed.id]
    assert (why.verdict, why.code, _plain(why.samples)) == ("failed", failed.code, None)
    assert set(found.samples[found.samples.stands].run_id) == {"new"}
    assert set(found.findings[~found.findings.stands].superseded_by) == {"new"}


def test_a_workspace_is_asked_by_its_ledger(
    plates: dict[str, RunRecord], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person rejected does not count, and the decision stands beside every row."""
    workspace = create_workspace(tmp_path / "elisa")
    run = plates["clean_plate"].run
    _put(workspace.reports, run.id, plates["clean_plate"])
    line = RunLine(run.id, run.key, "P", run.assay, "p.txt", "accepted", run.processed_at, review="reject")
    monkeypatch.setattr(Ledger, "listing", lambda _: [ListedRun(line)])
    found = runs.frame(str(workspace.root))
    for table in (found.runs, found.samples, found.dilutions, found.controls, found.findings):
        assert set(table.review) == {"reject"}
        assert not table.stands.any()


def test_runs_are_oldest_first_in_utc(lab: Frames) -> None:
    """One clock for all runs, whatever the season in which they were processed."""
    assert list(lab.runs.run_id) == list(SHOWN)
    assert list(lab.runs.processed_at) == [pd.Timestamp(f"2026-02-{day}T08:00:00Z") for day in (17, 18, 19)]


def test_runs_can_be_chosen(folder: Path) -> None:
    """By assay and days; a name that fits no run is said instead of empty tables."""
    assert list(runs.frame(folder, since=date(2026, 2, 18), until=date(2026, 2, 18)).runs.run_id) == [
        SHOWN[1]
    ]
    assert len(runs.frame(folder, assay="anti_mag_igm").runs) == len(SHOWN)
    for place, assay in ((folder, "anti_mag"), (folder / "nowhere", None)):
        with pytest.raises(InputError) as caught:
            runs.frame(place, assay=assay)
        assert caught.value.code == "NO_RUNS"


def test_failed_runs_alone_are_tables_too(factory: ModuleType, tmp_path: Path) -> None:
    """The other tables have their columns and no rows."""
    (tmp_path / "failed").mkdir()
    (tmp_path / "failed" / FAILURE).write_bytes(to_json(factory.failed_run()))
    found = runs.frame(tmp_path)
    assert list(found.runs.verdict) == ["failed"]
    assert len(found.samples) == len(found.findings) == 0
    assert list(found.samples)[: len(HEADER)] == list(HEADER)


def test_the_examples_of_the_documentation_work(
    root: Path, plates: dict[str, RunRecord], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/notebooks.md, line by line, on the sample plates."""
    (tmp_path / "elisa").mkdir()
    for name, record in plates.items():
        _put(tmp_path / "elisa", name, record)
    monkeypatch.chdir(tmp_path)
    text = (root / "docs" / "notebooks.md").read_text(encoding="utf-8")
    known: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(block, known)  # noqa: S102 - our own documentation
    assert set(known["measured"].titer_qualifier) == {"="}
    assert set(known["bounds"].titer_qualifier) == {"<", ">="}
    assert len(known["recovery"]) == len(SHOWN)


def test_every_table_is_in_the_documentation(root: Path, lab: Frames) -> None:
    """docs/notebooks.md names the tables that there are."""
    text = (root / "docs" / "notebooks.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\| `lab\.(\w+)`", text)) == set(Frames.__slots__)
    assert all(name in lab.dilutions for name in ("od_MAG", "n_MAG", "cv_percent_MAG"))
