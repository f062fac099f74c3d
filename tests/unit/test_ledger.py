"""The ledger: one result for each content, whatever happens in between."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from pipeline.ledger import AlreadyDone, Claim, Ledger, LedgerError
from pipeline.ledger.revisions import NewExport
from pipeline.ledger.rows import RunRows
from pipeline.record.job import Job, ListedRun, Received, RunLine

T0, T1, T2 = (f"2026-02-17T09:0{n}:00+01:00" for n in range(3))
JOB = Job("k" * 64, "anti_mag_igm", Received("p.txt", "anti_mag_igm/p.txt", "a" * 64, 10))
LINE = RunLine("2026-02-17_p_kkkkkkkk", "r" * 64, "Plate 1", "anti_mag_igm", "p.txt", "accepted", T0, 4, 1)


def rows(line: RunLine) -> RunRows:
    """What the ledger keeps of a run without results."""
    more = {
        "job_key": JOB.key,
        "unit": "",
        "assay_version": "",
        "software": "",
        "reader": "",
        "entered": True,
    }
    return RunRows(dataclasses.asdict(line) | more, {})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the ledger is."""
    return tmp_path / "ledger.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, file: Path) -> Path | str:
    """Where the ledger is: a file, or a database of a PostgreSQL server."""
    if request.param == "sqlite":
        return file
    return str(request.getfixturevalue("postgres")())


@pytest.fixture
def ledger(place: Path | str) -> Iterator[Ledger]:
    """A new ledger."""
    with Ledger(place) as opened:
        yield opened


def test_job_is_claimed_finished_and_then_already_done(ledger: Ledger) -> None:
    """The way of a job, and what a second drop of it finds."""
    ledger.see(JOB, T0)
    assert ledger.claim(JOB, T0) == Claim(T0, 1)
    ledger.finish(JOB, [rows(LINE)], T1)
    assert ledger.claim(JOB, T2) == AlreadyDone((LINE,), filed=False, job=JOB)
    ledger.filed(JOB.key, T2)
    assert ledger.claim(JOB, T2) == AlreadyDone((LINE,), filed=True, job=JOB)


def test_repeat_keeps_the_time_of_the_first_attempt(place: Path | str) -> None:
    """After a crash the record carries the first time, so its run id stays the same."""
    with Ledger(place) as ledger:
        ledger.see(JOB, T0)
        ledger.claim(JOB, T0)
    with Ledger(place) as restarted:
        assert restarted.claim(JOB, T1) == Claim(T0, 2)


def test_third_claim_without_a_finish_is_a_crash(place: Path | str) -> None:
    """Two attempts that ended with the program itself are enough."""
    crashed = []
    for _ in range(3):
        with Ledger(place) as ledger:
            ledger.see(JOB, T0)
            claim = ledger.claim(JOB, T0)
            crashed.append(isinstance(claim, Claim) and claim.crashed_before)
    assert crashed == [False, False, True]


def test_released_claim_does_not_count(ledger: Ledger) -> None:
    """Attempts that ended in good order may be repeated as often as needed."""
    ledger.see(JOB, T0)
    for _ in range(5):
        assert ledger.claim(JOB, T0) == Claim(T0, 1)
        ledger.release(JOB.key, T0)


def test_ledger_survives_its_process(place: Path | str) -> None:
    """What was recorded is there after a restart, open jobs included."""
    other = dataclasses.replace(JOB, key="o" * 64, sheet=Received("p.samples.csv", "x", "b" * 64, 3))
    with Ledger(place) as ledger:
        ledger.see(JOB, T0)
        ledger.see(other, T0)
        ledger.claim(JOB, T0)
        ledger.finish(JOB, [rows(LINE)], T1)
    with Ledger(place) as ledger:
        assert ledger.recent(5) == [LINE]
        assert ledger.unfinished() == [other]
        assert ledger.unfiled() == [JOB]


def test_finish_is_all_or_nothing(ledger: Ledger) -> None:
    """Two plates are recorded together with the end of their job, or none of them."""
    ledger.see(JOB, T0)
    ledger.claim(JOB, T0)
    broken = dataclasses.replace(LINE, id="second", verdict=None)
    with pytest.raises(LedgerError):
        ledger.finish(JOB, [rows(LINE), rows(broken)], T1)
    assert ledger.recent(5) == []
    assert ledger.unfinished() == [JOB]


def test_failed_job_that_is_dropped_again_starts_anew(ledger: Ledger) -> None:
    """A refused file may be tried again, with the time and names of its new drop."""
    ledger.see(JOB, T0)
    ledger.claim(JOB, T0)
    ledger.finish(JOB, [rows(dataclasses.replace(LINE, verdict="failed", code="FILE_EMPTY"))], T0)
    ledger.filed(JOB.key, T0)
    renamed = dataclasses.replace(JOB, export=Received("q.txt", "anti_mag_igm/q.txt", "a" * 64, 10))
    ledger.see(renamed, T2)
    assert ledger.claim(renamed, T2) == Claim(T2, 1)
    assert ledger.unfinished() == [renamed]


def test_earlier_run_of_a_name_is_found(ledger: Ledger) -> None:
    """A corrected export finds the runs that it supersedes, one of each plate."""
    ledger.see(JOB, T0)
    ledger.claim(JOB, T0)
    second = dataclasses.replace(LINE, id="second", plate="Plate 2")
    failed = dataclasses.replace(LINE, id="third", verdict="failed")
    ledger.finish(JOB, list(map(rows, (LINE, second, failed))), T0)
    new = NewExport("p.txt", "other bytes", "anti_mag_igm", None)
    assert ledger.revised_by(new) == [second, LINE]
    assert ledger.revised_by(dataclasses.replace(new, assay="anti_mag_kit")) == []
    assert ledger.run_of_content("a" * 64, "anti_mag_igm") == "second"
    assert ledger.run_of_content("b" * 64, "anti_mag_igm") is None


def test_the_listing_tells_what_became_of_each_run(ledger: Ledger) -> None:
    """Newest first: which run replaced it, what a person decided, whether it has a PDF; a failed one too."""
    ledger.see(JOB, T0)
    ledger.claim(JOB, T0)
    second = dataclasses.replace(LINE, id="second", supersedes=LINE.id)
    failed = dataclasses.replace(LINE, id="third", verdict="failed", supersedes="second")
    pdf = {"role": "result", "name": "report.pdf", "sha256": "a" * 64}
    received = pdf | {"role": "export"}
    first = RunRows(rows(LINE).run, {"files": [pdf]})
    ledger.finish(JOB, [first, RunRows(rows(second).run, {"files": [received]}), rows(failed)], T1)
    ledger.review("second", "A. Muster", "reject", "a bubble", T2)
    assert ledger.listing() == [
        ListedRun(failed),
        ListedRun(dataclasses.replace(second, review="reject")),
        ListedRun(LINE, replaced_by="second", pdf=True),
    ]


def _with_samples(name: str, *ids: str, verdict: str = "accepted") -> RunRows:
    line = dataclasses.replace(LINE, id=name, key=name, verdict=verdict)
    texts = {"classification": "NEGATIVE", "unit": "BTU", "qualifier": "<", "hnk1": "negative"}
    none = dict.fromkeys(("patient_code", "titer", "titer_low", "titer_high"))
    told = [{"slot": one, "sample_id": one, "reportable": 1, **texts, **none} for one in ids]
    return RunRows(rows(line).run, {"samples": told})


def test_a_file_name_alone_is_no_correction(ledger: Ledger) -> None:
    """Where the reader calls every export the same, yesterday's plate stays; an edited one is replaced."""
    ledger.see(JOB, T0)
    ledger.claim(JOB, T0)
    runs = [_with_samples("first", "a", "b", "QC"), _with_samples("bad", "c", "d", "QC", verdict="rejected")]
    ledger.finish(JOB, runs, T0)
    new = NewExport("p.txt", "other bytes", "anti_mag_igm", {"x", "y", "QC"})
    assert ledger.revised_by(new) == []
    corrected = dataclasses.replace(new, sample_ids={"a", "b2", "QC"})
    assert [line.id for line in ledger.revised_by(corrected)] == ["first"]
    other_sheet = dataclasses.replace(new, sha256=JOB.export.sha256)
    assert [line.id for line in ledger.revised_by(other_sheet)] == ["first", "bad"]


def test_an_attempt_that_ended_while_the_program_lived_is_no_crash(ledger: Ledger) -> None:
    """A ledger that was busy twice at the end of a good plate does not get the plate refused."""
    ledger.see(JOB, T0)
    claims = [ledger.claim(JOB, T0) for _ in range(4)]
    assert claims == [Claim(T0, 1)] * 4


def test_day_log_is_append_only(ledger: Ledger) -> None:
    """Nobody rewrites what happened by an ordinary statement."""
    ledger.note("duplicate", "p.txt again", T0)
    for statement in ("UPDATE audit SET text = 'x'", "DELETE FROM audit"):
        with pytest.raises(LedgerError, match="append-only"), ledger.database.writing() as connection:
            connection.exec_driver_sql(statement)
    assert ledger.log(5) == [(T0, "duplicate", "p.txt again")]


def test_ledger_is_durable(file: Path) -> None:
    """Write-ahead log and full synchronisation: what was recorded survives a power cut."""
    with Ledger(file) as ledger, ledger.database.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
    assert file.exists()


def test_newer_ledger_is_not_touched(file: Path) -> None:
    """An older program does not write into the ledger of a newer one."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(LedgerError, match="version 0099"):
        Ledger(file)


def test_damaged_ledger_is_told(file: Path) -> None:
    """A file that is no database is an error with a plain message."""
    file.write_bytes(b"not a database at all, not a database at all, not a database at all" * 20)
    with pytest.raises(LedgerError, match="cannot be used"):
        Ledger(file)


def test_one_job_is_claimed_once_by_two_at_the_same_time(place: Path | str) -> None:
    """Two programs that claim in the same instant are told apart: one is first, one second."""
    with Ledger(place) as first, Ledger(place) as second:
        first.see(JOB, T0)
        claims: list[Claim | AlreadyDone] = []
        threads = [
            Thread(target=lambda one=one: claims.append(one.claim(JOB, T0))) for one in (first, second)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(claim.attempt for claim in claims if isinstance(claim, Claim)) == [1, 2]
