"""A dropped plate is judged against the past runs of its assay, as the ledger knows them."""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest

import qc
from pipeline.inbox.watch import watch
from pipeline.jobs.bench import Bench, open_bench
from pipeline.jobs.run import reconcile
from pipeline.ledger import tables
from pipeline.ledger.rows import RunRows
from pipeline.record.job import Job, Received, RunLine
from pipeline.verify.workspace import verify
from pipeline.workspace.folders import Workspace, create_workspace
from pipeline.workspace.settings import Settings
from qc.rule import all_rules

TOML = 'settle_seconds = 0.05\npoll_seconds = 0.02\nprefect = "off"\noperator = "tester"\n'
T0 = "2026-01-05T09:00:00+01:00"
ASSAY, CASE = "anti_mag_igm", "clean_plate"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A fresh workspace."""
    made = create_workspace(tmp_path / "elisa")
    made.settings_file.write_text(TOML, encoding="utf-8")
    return made


def _past_run(n: int, titer: float) -> RunRows:
    """A run of last month, as far as charts need it."""
    line = RunLine(f"past-{n:02}", f"{n}", "P", ASSAY, f"past{n}.txt", "accepted", T0, 4)
    more = {"unit": "BTU", "assay_version": "1.0.0", "software": "0.1.0", "reader": "r"}
    value = math.log(titer) + 0.05 * (-1) ** n
    control = {"name": "PC1", "lot": "", "measure": "ln", "value": value, "reason": None}
    facts = {"controls": [control | {"assay": ASSAY, "accepted": 1}]}
    return RunRows(dataclasses.asdict(line) | more | {"job_key": "past", "entered": 1}, facts)


def _with_past(workspace: Workspace, titer: float) -> None:
    job = Job("past", ASSAY, Received("past.txt", "past.txt", "0" * 64, 1))
    with open_bench(workspace, Settings()) as bench:
        bench.ledger.see(job, T0)
        bench.ledger.claim(job, T0)
        bench.ledger.finish(job, [_past_run(n, titer) for n in range(24)], T0)
        bench.ledger.filed("past", T0)


def _judged(workspace: Workspace, root: Path) -> dict[str, Any]:
    for path in (root / "sample_data" / ASSAY / CASE).glob(f"{CASE}.*"):
        shutil.copy(path, workspace.inbox / ASSAY)
    watch(workspace.root, once=True)
    (record,) = workspace.reports.glob(f"*{CASE}*/results.json")
    document: dict[str, Any] = json.loads(record.read_text("utf-8"))
    return document


def _finding(document: dict[str, Any], rule: str, subject: str) -> dict[str, Any]:
    (found,) = [one for one in document["findings"] if one["rule"] == rule and one["subject"] == subject]
    return dict(found)


def test_a_control_where_it_used_to_be_passes(workspace: Workspace, root: Path) -> None:
    """With 24 past runs around its titer its z is small, and the record says what it was judged by."""
    _with_past(workspace, 3_050.0)
    document = _judged(workspace, root)
    assert document["verdict"] == "accepted"
    assert _finding(document, "HIS-02", "control PC1")["verdict"] == "pass"
    standing = document["standing"]
    assert (standing["runs"], standing["last"]) == (24, "past-23")
    (pc1,) = [one for one in standing["controls"] if one["control"] == "PC1"]
    assert pc1["reference_runs"] == 20
    assert len(pc1["recent"]) == 25


def test_a_control_far_from_its_past_warns(workspace: Workspace, root: Path) -> None:
    """The plate itself is good, but its control is 40 % below its history: accepted with a warning."""
    _with_past(workspace, 5_000.0)
    document = _judged(workspace, root)
    assert document["verdict"] == "accepted_with_warnings"
    assert _finding(document, "HIS-02", "control PC1")["verdict"] == "warn"


def test_without_enough_runs_the_rules_say_so(workspace: Workspace, root: Path) -> None:
    """The first plates of an assay are not judged by a history that is not there."""
    document = _judged(workspace, root)
    found = _finding(document, "HIS-02", "control PC1")
    assert found["verdict"] == "not_evaluated"
    assert "20 needed" in found["message"]


def test_a_rule_that_crashes_fails_the_run(
    workspace: Workspace, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that could not be made is never a pass: no results, and the fault is on record."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a fault in a rule")

    rule = dataclasses.replace(all_rules()[0], observe=broken)
    monkeypatch.setattr(qc, "rules_of", lambda _assay: (rule,))
    for path in (root / "sample_data" / ASSAY / CASE).glob(f"{CASE}.*"):
        shutil.copy(path, workspace.inbox / ASSAY)
    watch(workspace.root, once=True)
    (failure,) = workspace.rejected.glob("*/failure.json")
    document = json.loads(failure.read_text("utf-8"))
    assert (document["code"], document["fault"]) == ("PROGRAM_FAULT", "program")
    assert "a fault in a rule" in document["message"]


def test_runs_of_an_older_ledger_are_read_from_their_folders(workspace: Workspace, root: Path) -> None:
    """After an upgrade the charts are whole without a command."""
    _judged(workspace, root)
    with open_bench(workspace, Settings()) as bench:
        _as_upgraded(bench)
        assert bench.ledger.history(ASSAY).runs == ()
        assert reconcile(bench) == 1
        assert len(bench.ledger.history(ASSAY).runs) == 1
        assert verify(bench).problems == []


def _as_upgraded(bench: Bench) -> None:
    """What the migration of an old ledger leaves: runs without their results."""
    with bench.ledger.database.writing() as connection:
        for table in tables.OF_RUN:
            connection.execute(table.delete())
        connection.execute(tables.runs.update().values(entered=0, unit="", reader="", software=""))
