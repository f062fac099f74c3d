"""What past runs say of a dilution step: which count, what their likelihoods sum to, what a run keeps."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from pipeline.compute.titer.step_history import pooled, step_history
from pipeline.compute.titer.step_likelihood import GRID_CV_PERCENT, step_variance
from pipeline.definitions import AssayDefinition, with_learned_step
from pipeline.domain.history import PastStep, StepHistory, StepLikelihood
from pipeline.ledger import Ledger
from pipeline.ledger.rows import RunRows
from pipeline.record.job import Job, Received, RunLine
from pipeline.workspace.shipped import find_assay, load_assay

START = datetime.fromisoformat("2026-02-17T09:00:00+01:00")


def at(minutes: int) -> str:
    """A time so many minutes after nine."""
    return (START + timedelta(minutes=minutes)).isoformat()


def chi_square(cv_percent: float, df: float) -> StepLikelihood:
    """The ln likelihood of a variance that was seen with so many degrees of freedom and nothing else."""
    ratio = [step_variance(cv_percent) / step_variance(cv) for cv in GRID_CV_PERCENT]
    ln = np.array([df / 2 * (np.log(one) - one) for one in ratio])
    return StepLikelihood(GRID_CV_PERCENT, tuple((ln - ln.max()).tolist()))


def job(name: str) -> Job:
    """A job of the assay 'a'."""
    return Job(name, "a", Received(f"{name}.txt", f"a/{name}.txt", name, 10))


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger."""
    place: Path | str = tmp_path / "ledger.db"
    if request.param == "postgresql":
        new_database: Callable[[], str] = request.getfixturevalue("postgres")
        place = new_database()
    with Ledger(place) as opened:
        yield opened


def finish(
    ledger: Ledger, name: str, finished: int, verdict: str = "accepted", supersedes: str | None = None
) -> None:
    """A run that is seen at nine and finished so many minutes later."""
    ledger.see(job(name), at(0))
    ledger.claim(job(name), at(0))
    line = RunLine(name, name, "P", "a", f"{name}.txt", verdict, at(0), 4, 0, supersedes)
    more = {"unit": "BTU", "assay_version": "1", "software": "0.3", "reader": "r", "job_key": name}
    found = chi_square(2.0, 9)
    told = {"cv_percent": 3.0, "grid": json.dumps(found.cv_percent), "ln": json.dumps(found.ln)}
    rows = RunRows(dataclasses.asdict(line) | more | {"entered": 1}, {"step_errors": [told]})
    ledger.finish(job(name), [rows], at(finished))


def counting(ledger: Ledger, seen: int, most: int = 100) -> list[str]:
    """Ids of the runs that count for an export that is first seen so many minutes after nine."""
    name = f"new{seen}-{most}"
    ledger.see(job(name), at(seen))
    return [past.run for past in ledger.past_steps("a", name, most)]


def test_the_sum_of_many_plates_is_the_chi_square_that_they_are() -> None:
    """Forty plates of nine degrees of freedom are one of 360, at the CV that all of them saw."""
    cv, df = pooled([chi_square(2.0, 9.0)] * 40)
    assert cv == pytest.approx(2.0, rel=2e-3)
    assert df == pytest.approx(360, rel=0.01)


def test_a_step_that_no_plate_can_see_is_small_and_hardly_known() -> None:
    """Likelihoods that fall from 1 % on bound the step from above, with few degrees of freedom."""
    flat = StepLikelihood(GRID_CV_PERCENT, tuple(-50.0 * max(0.0, cv - 1) ** 2 for cv in GRID_CV_PERCENT))
    cv, df = pooled([flat])
    assert 0.25 < cv < 1
    assert df < 15


def test_below_the_fewest_runs_there_is_no_value() -> None:
    """The runs that were there are named all the same."""
    past = [PastStep(f"r{n}", 3.0, chi_square(2.0, 9.0)) for n in range(3)]
    few, enough = step_history(past, 4), step_history(past, 3)
    assert (few.cv_percent, few.df, few.runs) == (None, None, ("r0", "r1", "r2"))
    assert enough.used
    assert enough.last_cv_percent == 3.0


def test_the_assay_takes_the_value_of_the_past_runs() -> None:
    """CV and degrees of freedom; without enough runs the assay stays as it is declared."""
    shipped: AssayDefinition = load_assay(find_assay("anti_mag_igm"))
    learned = with_learned_step(shipped, StepHistory(("r",), 1, 1.5, 80.0, 3.0)).assay.dilution
    assert (learned.step_cv.value, learned.step_cv_df) == (1.5, 80.0)
    assert with_learned_step(shipped, StepHistory(("r",), 2, None, None, 3.0)) == shipped


def test_only_runs_finished_before_the_export_was_seen_count(ledger: Ledger) -> None:
    """So every run of a backlog has the same past, with one worker and with four."""
    for n in range(3):
        finish(ledger, f"r{n}", 10 * (n + 1))
    assert counting(ledger, 20) == ["r0"]
    assert counting(ledger, 31) == ["r0", "r1", "r2"]
    assert counting(ledger, 31, most=2) == ["r1", "r2"]


def test_rejected_replaced_and_refused_runs_do_not_count(ledger: Ledger) -> None:
    """By QC, by a later run, by a person; a warning does not hinder, and the last decision counts."""
    finish(ledger, "warned", 1, "accepted_with_warnings")
    finish(ledger, "rejected", 2, "rejected")
    finish(ledger, "old", 3)
    finish(ledger, "new", 4, supersedes="old")
    finish(ledger, "bad", 5)
    finish(ledger, "worse", 6, "rejected", supersedes="warned")
    ledger.review("bad", "dr. x", "reject", "wrong plate", at(7))
    assert counting(ledger, 8) == ["warned", "new"]
    ledger.review("bad", "dr. x", "approve", "it was the right one", at(9))
    assert counting(ledger, 10) == ["warned", "new", "bad"]


def test_what_is_decided_later_changes_no_past(ledger: Ledger) -> None:
    """A job that is computed again after a crash finds the runs that it found before."""
    finish(ledger, "r0", 1)
    assert counting(ledger, 5) == ["r0"]
    ledger.review("r0", "dr. x", "reject", "wrong plate", at(6))
    finish(ledger, "r1", 7, supersedes="r0")
    assert counting(ledger, 5) == ["r0"]
    assert counting(ledger, 8) == ["r1"]
