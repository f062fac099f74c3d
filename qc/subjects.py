"""What findings are about: as it is printed, and as codes."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.curve_results import CalibratorResult, CurveFit
from pipeline.domain.findings import About, SubjectKind
from pipeline.domain.lot_use import LotUse
from pipeline.domain.message import Message


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a finding."""

    text: str
    about: tuple[About, ...]


def _whole(kind: SubjectKind) -> Subject:
    return Subject(Message(kind.value), (About(kind),))


PLATE, ROWS, COLUMNS, EXPORT, CALIBRATORS, SAMPLES = map(
    _whole,
    (
        *(SubjectKind.PLATE, SubjectKind.ROWS, SubjectKind.COLUMNS, SubjectKind.EXPORT),
        *(SubjectKind.CALIBRATORS, SubjectKind.SAMPLES),
    ),
)
POSITIVE_CONTROLS = Subject(Message("positive controls"), (About(SubjectKind.CONTROLS),))
NEGATIVE_CONTROLS = Subject(Message("negative controls"), (About(SubjectKind.CONTROLS),))


def curve(fit: CurveFit) -> Subject:
    """The standard curve on one coating."""
    text = Message("curve {antigen}", antigen=fit.antigen)
    return Subject(text, (About(SubjectKind.CURVE, antigen=fit.antigen),))


def level(calibrator: CalibratorResult) -> About:
    """One calibrator level, as code."""
    return About(SubjectKind.CALIBRATOR, calibrator.level)


def calibrator(found: CalibratorResult) -> Subject:
    """One calibrator level."""
    return Subject(Message("calibrator {level}", level=found.level), (level(found),))


def blank(antigen: str) -> Subject:
    """The blank wells of one coating."""
    return Subject(Message("blank {antigen}", antigen=antigen), (About(SubjectKind.BLANK, antigen=antigen),))


def control(name: str, lot: str | None = None) -> Subject:
    """One control; its lot where several are told apart."""
    about = (About(SubjectKind.CONTROL, name, lot),)
    if lot is None:
        return Subject(Message("control {name}", name=name), about)
    return Subject(Message("control {name}, lot {lot}", name=name, lot=lot), about)


def two_controls(one: Subject, other: Subject) -> Subject:
    """Two controls of a run against each other."""
    about = (*one.about, *other.about)
    names = {place: str(which.name) for place, which in zip(("name", "other"), about, strict=True)}
    return Subject(Message("controls {name} and {other}", **names), about)


def controls_of(target: float) -> Subject:
    """All positive controls with one target."""
    return Subject(Message("controls of {target:n}", target=f"{target:g}"), (About(SubjectKind.CONTROLS),))


def sample(slot: str) -> Subject:
    """One sample, by its place on the plate."""
    return Subject(Message("sample {slot}", slot=slot), (About(SubjectKind.SAMPLE, slot),))


def lot(use: LotUse) -> Subject:
    """The lot of one kind, or of one control."""
    if use.name is not None:
        return Subject(use.label, (About(SubjectKind.CONTROL, use.name, use.lot),))
    return Subject(use.label, (About(SubjectKind.LOT, use.kind, use.lot),))
