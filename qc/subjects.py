"""What findings are about: as it is printed, and as codes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from pipeline.domain.findings import About, SubjectKind
from pipeline.domain.lot_use import LotUse
from pipeline.domain.message import Message
from pipeline.domain.results import PlateResult, SampleResult

SUBJECTS_KEPT: Final = 4096
"""Many rules speak of one subject: it is made once."""


class FindingSubject(NamedTuple):
    """The subject of a finding."""

    text: str
    about: tuple[About, ...]


def _whole(kind: SubjectKind) -> FindingSubject:
    return FindingSubject(Message(kind.value), (About(kind),))


PLATE, ROWS, COLUMNS, EXPORT, CALIBRATORS, SAMPLES = map(
    _whole,
    (
        *(SubjectKind.PLATE, SubjectKind.ROWS, SubjectKind.COLUMNS, SubjectKind.EXPORT),
        *(SubjectKind.CALIBRATORS, SubjectKind.SAMPLES),
    ),
)
POSITIVE_CONTROLS = FindingSubject(Message("positive controls"), (About(SubjectKind.CONTROLS),))
NEGATIVE_CONTROLS = FindingSubject(Message("negative controls"), (About(SubjectKind.CONTROLS),))


@lru_cache(SUBJECTS_KEPT)
def curve(antigen: str) -> FindingSubject:
    """The standard curve on one coating."""
    about = About(SubjectKind.CURVE, antigen=antigen)
    return FindingSubject(Message("curve {antigen}", antigen=antigen), (about,))


@lru_cache(SUBJECTS_KEPT)
def calibrator(level: str) -> FindingSubject:
    """One calibrator level."""
    text = Message("calibrator {level}", level=level)
    return FindingSubject(text, (About(SubjectKind.CALIBRATOR, level),))


@lru_cache(SUBJECTS_KEPT)
def blank(antigen: str) -> FindingSubject:
    """The blank wells of one coating."""
    about = About(SubjectKind.BLANK, antigen=antigen)
    return FindingSubject(Message("blank {antigen}", antigen=antigen), (about,))


@lru_cache(SUBJECTS_KEPT)
def control(name: str, lot: str | None = None) -> FindingSubject:
    """One control; its lot where several are told apart."""
    about = (About(SubjectKind.CONTROL, name, lot),)
    if lot is None:
        return FindingSubject(Message("control {name}", name=name), about)
    return FindingSubject(Message("control {name}, lot {lot}", name=name, lot=lot), about)


def two_controls(one: FindingSubject, other: FindingSubject) -> FindingSubject:
    """Two controls of a run against each other."""
    about = (*one.about, *other.about)
    names = {place: str(which.name) for place, which in zip(("name", "other"), about, strict=True)}
    return FindingSubject(Message("controls {name} and {other}", **names), about)


def controls_of(target: float) -> FindingSubject:
    """All positive controls with one target."""
    text = Message("controls of {target:n}", target=f"{target:g}")
    return FindingSubject(text, (About(SubjectKind.CONTROLS),))


@lru_cache(SUBJECTS_KEPT)
def sample(slot: str) -> FindingSubject:
    """One sample, by its place on the plate."""
    return FindingSubject(Message("sample {slot}", slot=slot), (About(SubjectKind.SAMPLE, slot),))


def lot(use: LotUse) -> FindingSubject:
    """The lot of one kind, or of one control."""
    if use.name is not None:
        return FindingSubject(use.label, (About(SubjectKind.CONTROL, use.name, use.lot),))
    return FindingSubject(use.label, (About(SubjectKind.LOT, use.kind, use.lot),))


def series(result: PlateResult) -> Iterator[tuple[FindingSubject, SampleResult]]:
    """Every control and sample of a plate with its series."""
    yield from ((control(one.name), one.result) for one in result.controls)
    yield from ((sample(one.slot), one) for one in result.samples)
