"""Past runs asked of the ledger: the same answers as from all records in memory, whatever the database."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.compute.past.control_chart import ChartSettings
from pipeline.compute.past.trends import HistoryPast, stand
from pipeline.domain.history import ChartKey, History, PastValue
from pipeline.ledger import Ledger
from pipeline.ledger.rows import RunRows
from pipeline.record.job import Job, Received, RunLine

T0 = "2026-02-17T09:00:00+01:00"
JOB = Job("k", "a", Received("p.txt", "a/p.txt", "s", 10))


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger with one job."""
    place: Path | str = tmp_path / "ledger.db"
    if request.param == "postgresql":
        new_database: Callable[[], str] = request.getfixturevalue("postgres")
        place = new_database()
    with Ledger(place) as opened:
        opened.see(JOB, T0)
        opened.claim(JOB, T0)
        yield opened


def _run(
    name: str,
    value: float | None,
    *,
    verdict: str = "accepted",
    lot: str = "L1",
    supersedes: str | None = None,
) -> RunRows:
    line = RunLine(name, name, "P", "a", f"{name}.txt", verdict, T0, 4, 0, supersedes)
    more = {"unit": "BTU", "assay_version": "1", "software": "0.1", "reader": "r"}
    control = {"assay": "a", "name": "PC1", "lot": lot, "measure": "ln", "value": value, "reason": None}
    facts = {"controls": [control | {"accepted": int(verdict != "rejected")}]}
    return RunRows(dataclasses.asdict(line) | more | {"job_key": JOB.key, "entered": 1}, facts)


def _random_runs(chance: random.Random, count: int) -> list[RunRows]:
    """Runs with gaps, rejections, two lots and replacements."""
    made: list[RunRows] = []
    for n in range(count):
        value = None if chance.random() < 0.05 else chance.gauss(9, 0.1)
        verdict = "rejected" if chance.random() < 0.1 else "accepted"
        lot = "L1" if n < count * 0.7 else "L2"
        earlier = f"r{chance.randrange(n):03}" if n and chance.random() < 0.1 else None
        made.append(_run(f"r{n:03}", value, verdict=verdict, lot=lot, supersedes=earlier))
    return made


def test_a_new_run_stands_as_in_the_whole_history(ledger: Ledger) -> None:
    """The few rows that the ledger reads for a new run say the same as all runs in memory."""
    ledger.finish(JOB, _random_runs(random.Random(3), 150), T0)  # noqa: S311 - test data
    history = ledger.history("a")
    assert history.unit == "BTU"
    assert 100 < len(history.runs) < 150
    assert history.superseded == 150 - len(history.runs)
    for lot in ("L1", "L2", "L3", None):
        reading = {"PC1": PastValue(9.15, "ln", None, lot)}
        wanted = stand(HistoryPast(history), reading, ChartSettings())
        assert stand(ledger.past("a"), reading, ChartSettings()) == wanted
    assert wanted.last == history.runs[-1].id


def test_a_long_streak_is_counted_over_pages(ledger: Ledger) -> None:
    """A hundred values on one side are counted over pages; after a lasting shift no more are read."""
    runs = [_run(f"a{n:03}", 9 + (-1) ** n * 0.1) for n in range(20)]
    ledger.finish(JOB, [*runs, *(_run(f"b{n:03}", 9.05) for n in range(199))], T0)
    (one,) = stand(ledger.past("a"), {"PC1": PastValue(9.05, "ln", None, "L1")}, ChartSettings()).controls
    assert one.one_side == 100


def test_the_run_that_is_replaced_does_not_count(ledger: Ledger) -> None:
    """A corrected export is not judged against its own wrong version."""
    ledger.finish(JOB, [_run(f"r{n:03}", 9.0) for n in range(3)], T0)
    past = ledger.past("a", without=["r002"])
    assert (past.runs, past.last) == (2, "r001")
    assert past.of(ChartKey("PC1", "L1", "ln"), 20).reference == (9.0, 9.0)


def test_a_run_that_a_person_rejected_sets_no_limits(ledger: Ledger) -> None:
    """It stays on the charts as a rejected one."""
    ledger.finish(JOB, [_run("r0", 9.0), _run("r1", 20.0)], T0)
    ledger.review("r1", "dr. x", "reject", "wrong conjugate", T0)
    known = ledger.past("a").of(ChartKey("PC1", "L1", "ln"), 20)
    assert known.reference == (9.0,)
    assert list(known.newest_first) == [20.0, 9.0]
    history = ledger.history("a")
    assert [run.rejected for run in history.runs] == [False, True]


def test_the_last_decision_counts(ledger: Ledger) -> None:
    """Who approves after all, approves; both decisions stay."""
    ledger.finish(JOB, [_run("r0", 9.0)], T0)
    ledger.review("r0", "dr. x", "reject", "too low", T0)
    ledger.review("r0", "dr. y", "approve", "lot is known to be low", T0)
    assert ledger.past("a").of(ChartKey("PC1", "L1", "ln"), 20).reference == (9.0,)
    assert [text for _, kind, text in ledger.log(9) if kind == "review"] == [
        "approve by dr. y: lot is known to be low",
        "reject by dr. x: too low",
    ]
    with pytest.raises(KeyError):
        ledger.review("nobody", "dr. x", "reject", "", T0)


def test_titers_in_another_unit_are_another_past(ledger: Ledger) -> None:
    """After a change of the unit the charts begin anew, and say how many runs they leave out."""
    old, new = _run("r0", 9.0), _run("r1", 4.0)
    new.run["unit"] = "mg/l"
    ledger.finish(JOB, [old, new], T0)
    assert ledger.past("a", "mg/l").of(ChartKey("PC1", "L1", "ln"), 20).reference == (4.0,)
    history = ledger.history("a")
    assert (history.unit, [run.id for run in history.runs], history.other_units) == ("mg/l", ["r1"], 1)


def test_nothing_known_is_no_run(ledger: Ledger) -> None:
    """The first run of an assay has no past."""
    assert ledger.history("other") == History("other", "", ())
    assert ledger.past("other").last is None
