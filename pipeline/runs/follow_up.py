"""One patient over visits: every titer with its interval, and its change against the first one.

The records of past runs are read, nothing is computed again. A titer is compared if its run was not rejected
and not replaced by a later run, the sample is reportable and its date can be read; what is not compared is
listed with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from pipeline.compute.statistics.censored_change import (
    BoundedChange,
    Fall,
    ReportedTiter,
    fall_reached,
    reported_change,
)
from pipeline.compute.statistics.change import Change, MeasuredTiter
from pipeline.compute.statistics.inference import t_two_sided
from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.findings import RunVerdict
from pipeline.domain.record import RunInfo, RunRecord
from pipeline.domain.results import LnTiter, SampleResult, Titer
from pipeline.domain.specificity import Interval
from pipeline.errors import InputError
from pipeline.record.folder import records_in
from pipeline.record.job import replaces
from pipeline.report.tables.sample_words import titer_line

CONFIDENCE = 0.95
"""That of the intervals on the records, from which the errors are read."""


@dataclass(frozen=True, slots=True)
class FollowUpRequest:
    """Whose visits, and what counts as a change."""

    patient_code: str
    assay: str | None = None
    """Name of the assay; None where the patient has visits in one only."""
    least_fold: float = 4.0
    """A rise or fall that counts without an interval. Four-fold, two steps of a two-fold dilution series, is
    the convention of serology for paired sera."""
    fall_percent: float = 60.0
    """The fall to be marked, at which trials in anti-MAG neuropathy aim (Latov, review of treatment)."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One sample of the patient in one run."""

    day: date | None
    day_is: str
    """``collected``, or ``processed`` where the sample sheet gives no day."""
    run: str
    plate: str
    assay: str
    assay_version: str
    processed_at: str
    sample_id: str
    slot: str
    classification: SampleClass
    titer: Titer
    titer_text: str
    not_used: str | None
    """Why the titer is not compared."""
    ln_titer: LnTiter | None = None
    """Standard error and degrees of freedom of the ln titer, as the record has them."""
    note: str | None = None
    """What the assay says of titers over several visits."""


class Reached(StrEnum):
    """Whether a fall is reached."""

    SURELY = "surely"
    """By the whole interval."""
    BY_NUMBER = "by number"
    """By the titer, while its interval does not exclude a smaller fall, or is not known."""
    NOT = "not"
    UNKNOWN = "cannot be said"


@dataclass(frozen=True, slots=True)
class Compared:
    """A visit with its change against the baseline; no change at the baseline and where it is not used."""

    visit: Visit
    found: Change | BoundedChange | None
    fall: Reached | None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """All visits in order."""

    request: FollowUpRequest
    assay: str
    unit: str
    visits: tuple[Compared, ...]
    baseline: Visit | None
    """The first visit that is used."""
    replaced: tuple[Visit, ...]
    """Results of runs that a later run replaced; not among the visits."""

    @property
    def note(self) -> str | None:
        """What the assay of the last visit says of titers over several visits."""
        return self.visits[-1].visit.note if self.visits else None


def follow_up(reports: Path, request: FollowUpRequest) -> FollowUp:
    """Collect and compare a patient's visits.

    Args:
        reports: folder with one folder a run, each with its ``results.json``.
        request: whose, and what counts as a change.

    Raises:
        InputError: a record that cannot be read, no visit of this patient, several assays or units, or a
            fold or fall that means nothing.
    """
    _require_sense(request)
    current, replaced = _split(reports, request.patient_code)
    visits = _of_assay(sorted(current, key=_order), request, reports)
    _require_one("ASSAYS", "assay", [visit.assay for visit in visits])
    _require_one("UNITS", "unit", [visit.titer.unit for visit in visits])
    baseline = next((visit for visit in visits if visit.not_used is None), None)
    compared = tuple(_compared(visit, baseline, request) for visit in visits)
    left = tuple(visit for visit in replaced if visit.assay == visits[0].assay)
    return FollowUp(request, visits[0].assay, visits[0].titer.unit, compared, baseline, left)


def _require_sense(request: FollowUpRequest) -> None:
    if not 1 < request.least_fold < math.inf:
        raise _nonsense("the fold", f"{request.least_fold:g}", "a number above 1, such as 4")
    if not 0 < request.fall_percent < 100:  # noqa: PLR2004 - percent of a whole
        raise _nonsense("the fall", f"{request.fall_percent:g} %", "between 0 and 100 %, such as 60")


def _nonsense(what: str, found: str, expected: str) -> InputError:
    return InputError("FOLLOW_UP_SETTING", f"{what} means nothing", found=found, expected=expected)


def _split(reports: Path, patient_code: str) -> tuple[list[Visit], list[Visit]]:
    """The patient's visits, and those of runs that a later run replaced."""
    seen: list[Visit] = []
    replaced: set[str | None] = set()
    for record in records_in(reports):
        replaced.add(replaces(record.verdict, record.run.supersedes))
        seen += _visits(record, patient_code.strip())
    current = [visit for visit in seen if visit.run not in replaced]
    return current, [visit for visit in seen if visit not in current]


def _visits(record: RunRecord, patient_code: str) -> Iterator[Visit]:
    for sample in record.samples:
        if sample.patient_code is not None and sample.patient_code.strip() == patient_code:
            yield _visit(record, sample)


def _visit(record: RunRecord, sample: SampleResult) -> Visit:
    run = record.run
    day, day_is, problem = _day(sample.collected_on, run)
    return Visit(
        *(day, day_is, run.id, run.plate, run.assay, run.assay_version, run.processed_at),
        *(sample.sample_id, sample.slot, sample.classification, sample.titer, titer_line(sample)),
        not_used=_not_used(record, sample) or problem,
        ln_titer=sample.ln_titer,
        note=note if isinstance(note := record.settings.get("follow_up_note"), str) else None,
    )


def _day(collected_on: str | None, run: RunInfo) -> tuple[date | None, str, str | None]:
    """Day, what it is, and why it cannot be used; ``3.4.2026`` is April here and March there: not guessed."""
    processed = _iso_day(run.processed_at)
    if collected_on is None or not collected_on.strip():
        return processed, "processed", None if processed else "no date"
    day = _iso_day(collected_on)
    if day is None:
        return processed, "processed", f"collected_on '{collected_on}' is not a date as 2026-02-17"
    return day, "collected", None


def _iso_day(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text.strip()).date()
    except ValueError:
        return None


def _not_used(record: RunRecord, sample: SampleResult) -> str | None:
    if record.verdict is RunVerdict.REJECTED:
        return "the run was rejected by quality control"
    if not sample.reportable:
        return f"not reportable: {sample.explanation}" if sample.explanation else "not reportable"
    if sample.titer.value is None or sample.titer.value <= 0:
        return sample.titer.text
    return None


def _order(visit: Visit) -> tuple[date, str, str, str]:
    return visit.day or date.max, visit.processed_at, visit.run, visit.slot


def _of_assay(visits: Sequence[Visit], request: FollowUpRequest, reports: Path) -> list[Visit]:
    wanted = [visit for visit in visits if request.assay in (None, visit.assay)]
    if wanted:
        return wanted
    others = _named(visit.assay for visit in visits)
    raise InputError(
        "NO_VISITS",
        f"no result of the patient '{request.patient_code}' is here",
        file=str(reports),
        found=f"results in {others}" if others else None,
        expected=f"results in '{request.assay}'" if others else None,
        action="Name the folder with the reports, and the patient_code as the sample sheets have it.",
    )


def _named(words: Iterable[str]) -> str:
    return " and ".join(f"'{word}'" for word in sorted(set(words)))


def _require_one(code: str, noun: str, found: Sequence[str]) -> None:
    """Titers of different assays or units are different quantities."""
    if len(set(found)) <= 1:
        return
    choose = "Name one with --assay." if noun == "assay" else "Follow up the runs of one unit in a folder."
    raise InputError(
        f"SEVERAL_{code}",
        f"the patient has titers of more than one {noun}, which are not compared",
        found=_named(found),
        expected=f"one {noun}",
        action=choose,
    )


def _compared(visit: Visit, baseline: Visit | None, request: FollowUpRequest) -> Compared:
    if visit.not_used is not None or baseline is None or visit is baseline:
        return Compared(visit, None, None)
    found = reported_change(
        _reported(baseline.titer),
        _reported(visit.titer),
        confidence=CONFIDENCE,
        least_fold=request.least_fold,
        ln_covariance=0.0,  # of one run too: a shared curve would narrow the interval, so 0 is the safe side
    )
    return Compared(visit, found, _reached(fall_reached(found, request.fall_percent)))


def _reported(titer: Titer) -> ReportedTiter:
    """A titer with the standard error of its logarithm, as far as its record tells."""
    error = ln_se(titer.ci95) if titer.qualifier is Qualifier.MEASURED else None
    return ReportedTiter(MeasuredTiter(titer.value or 0.0, error), titer.qualifier)


def ln_se(ci95: Interval | None) -> float | None:
    """Half width of a 95 % interval on the ln scale over 1.96; None without an interval closed at both ends.

    With it the interval of a change has the root sum of squares of both half widths as its own half width, as
    in the method of variance estimates recovery (Zou and Donner 2008, Stat Med 27:1693); the degrees of
    freedom, which a record does not hold, are in the half widths already.
    """
    if ci95 is None or ci95[0] is None or ci95[1] is None or not 0 < ci95[0] <= ci95[1]:
        return None
    return math.log(ci95[1] / ci95[0]) / (2 * t_two_sided(CONFIDENCE, math.inf))


def _reached(fall: Fall) -> Reached:
    if fall.by_number is None:
        return Reached.UNKNOWN
    if not fall.by_number:
        return Reached.NOT
    return Reached.SURELY if fall.surely else Reached.BY_NUMBER
