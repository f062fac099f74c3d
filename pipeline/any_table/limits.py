"""``titerline limits``: results of negatives, blanks and low samples -> cut points, LoB, LoD and LoQ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from pipeline.compute.statistics.cutpoints import CutPoint, CutPointMethod, cut_point
from pipeline.compute.statistics.detection import (
    DetectionLimit,
    Method,
    largest,
    limit_of_blank,
    limit_of_detection,
    limit_of_quantitation,
    lots,
    total_error_percent,
)
from pipeline.domain.message import Message
from pipeline.errors import InputError
from pipeline.tables.columns import read_columns

LIMITS_SCHEMA = "titerline.limits/1"
KINDS = ("negative", "blank", "low")
SCREENING, CONFIRMATORY = 0.05, 0.01
"""False-positive rates of the two cut points (Shankar et al. 2008, J Pharm Biomed Anal 48:1267)."""
ENOUGH_NEGATIVES = 20
"""Fewer sera than this do not make a cut point of one's own (target 50, Shankar 2008)."""
ALONE_UP_TO = 3
"""Lots that are evaluated one by one, the largest limit reported; more are pooled (CLSI EP17-A2)."""
ERROR = 0.05
"""False-positive share of the LoB, false-negative share of the LoD (CLSI EP17-A2)."""


@dataclass(frozen=True, slots=True)
class LimitsRequest:
    """Names of columns; None for one that the table does not have."""

    value: str
    kind: str | None = None
    """``negative``, ``blank`` or ``low``; without this column all are negatives."""
    sample: str | None = None
    lot: str | None = None
    nominal: str | None = None
    """True value of the low samples, for the limit of quantitation."""
    goal_percent: float = 20.0
    """Largest |bias| + SD, in percent of the true value, at the limit of quantitation."""


@dataclass(frozen=True, slots=True)
class TableLimits:
    """What the table says; parts that it has no rows for are empty."""

    negatives: int
    cut_points: tuple[CutPoint, ...]
    blank: DetectionLimit | None
    detection: DetectionLimit | None
    quantitation: DetectionLimit | None
    blank_by_lot: dict[str, DetectionLimit]
    detection_by_lot: dict[str, DetectionLimit]
    missing: tuple[str, ...] = ()
    """Limits that the rows do not give, and which rows they take."""


@dataclass(frozen=True, slots=True)
class _Row:
    value: float
    kind: str
    sample: str
    lot: str
    nominal: float | None


def limits_file(data: bytes, name: str, request: LimitsRequest) -> TableLimits:
    """Read a table and compute every limit that its rows allow.

    Raises:
        InputError: for a column that is not there, a cell that is no number, or an unknown kind.
    """
    rows = _rows(data, name, request)
    negatives = np.array([row.value for row in rows if row.kind == "negative"])
    blanks, lows = ([row for row in rows if row.kind == kind] for kind in ("blank", "low"))
    by_lot = _blank_limits(blanks)
    detected = _detection_limits(by_lot, lows)
    detection = largest(list(detected.values())) if detected else None
    return TableLimits(
        negatives=len(negatives),
        cut_points=tuple(_cut_points(negatives)) if negatives.size else (),
        blank=largest(list(by_lot.values())) if by_lot else None,
        detection=detection,
        quantitation=_quantitation(lows, detection, request),
        blank_by_lot=by_lot,
        detection_by_lot=detected,
        missing=tuple(_missing(blanks, lows, detected, request)),
    )


def _missing(
    blanks: Sequence[_Row], lows: Sequence[_Row], detected: dict[str, DetectionLimit], request: LimitsRequest
) -> Iterator[str]:
    """What low samples and blanks are there for, but do not give alone."""
    if lows and not blanks:
        yield "No limit of blank or of detection: they take rows of kind blank beside those of kind low."
    elif lows and not detected:
        yield "No limit of detection: blanks and low samples have no lot in common."
    elif blanks and not lows:
        yield "No limit of detection: it takes rows of kind low beside those of kind blank."
    if lows and all(row.nominal is None for row in lows):
        how = "true values in that column" if request.nominal else "a column of true values (--nominal)"
        yield f"No limit of quantitation: it takes {how}."


def _rows(data: bytes, name: str, request: LimitsRequest) -> list[_Row]:
    texts = [column for column in (request.kind, request.sample, request.lot, request.nominal) if column]
    rows = []
    for row in read_columns(data, name, [request.value], texts):
        cells = dict(zip(texts, row.texts, strict=True))
        kind = cells.get(request.kind or "", "negative").casefold()
        place = Message("line {n:n}", n=row.line)
        if kind not in KINDS:
            raise InputError(
                "KIND_UNKNOWN",
                "this kind of sample is not known",
                file=name,
                place=place,
                found=f"'{kind}'",
                expected=", ".join(KINDS),
            )
        nominal = _nominal(cells.get(request.nominal or "", ""), name, place) if kind == "low" else None
        sample = cells.get(request.sample or "", place)
        rows.append(_Row(row.numbers[0], kind, sample, cells.get(request.lot or "", "1"), nominal))
    return rows


def _nominal(text: str, name: str, place: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise InputError(
            "NOT_A_NUMBER", "this true value is no number", file=name, place=place, found=f"'{text[:40]}'"
        ) from error


def _cut_points(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Iterator[CutPoint]:
    for rate in (SCREENING, CONFIRMATORY):
        for method in CutPointMethod:
            yield cut_point(values, false_positive=rate, method=method, least_n=2)


def _blank_limits(blanks: Sequence[_Row]) -> dict[str, DetectionLimit]:
    """By rank, which holds for any distribution."""
    masks = lots([row.lot for row in blanks], ALONE_UP_TO) if blanks else {}
    return {
        lot: limit_of_blank(
            np.array([r.value for r in used]),
            [r.sample for r in used],
            false_positive=ERROR,
            method=Method.RANK,
        )
        for lot, mask in masks.items()
        if (used := [row for row, take in zip(blanks, mask, strict=True) if take])
    }


def _detection_limits(blank: dict[str, DetectionLimit], lows: Sequence[_Row]) -> dict[str, DetectionLimit]:
    masks = lots([row.lot for row in lows], ALONE_UP_TO) if lows else {}
    return {
        lot: limit_of_detection(
            blank[lot],
            np.array([row.value for row, take in zip(lows, mask, strict=True) if take]),
            [row.sample for row, take in zip(lows, mask, strict=True) if take],
            false_negative=ERROR,
            method=Method.PARAMETRIC,
        )
        for lot, mask in masks.items()
        if lot in blank
    }


def _quantitation(
    lows: Sequence[_Row], detection: DetectionLimit | None, request: LimitsRequest
) -> DetectionLimit | None:
    levels = sorted({row.nominal for row in lows if row.nominal is not None})
    errors = [
        total_error_percent(np.array([row.value for row in lows if row.nominal == level]), level, 1.0)
        for level in levels
    ]
    known = [(level, error) for level, error in zip(levels, errors, strict=True) if error is not None]
    if not known:
        return None
    level, error = np.array(known).T
    return limit_of_quantitation(level, error, goal_percent=request.goal_percent, detection=detection)


def limits_document(limits: TableLimits) -> dict[str, object]:
    """For ``--json``."""
    return {"schema": LIMITS_SCHEMA, **asdict(limits)}


def limits_text(limits: TableLimits) -> str:
    """The same for people."""
    lines = [*_cut_point_lines(limits), *_detection_lines(limits), *limits.missing]
    return "\n".join(lines) or "The table has no rows."


def _cut_point_lines(limits: TableLimits) -> Iterator[str]:
    if not limits.cut_points:
        return
    few = f" (provisional: fewer than {ENOUGH_NEGATIVES})" if limits.negatives < ENOUGH_NEGATIVES else ""
    yield f"Cut points from {limits.negatives} negatives{few}:"
    for found in limits.cut_points:
        name = "screening" if found.false_positive == SCREENING else "confirmatory"
        text = f"{found.value:.6g}" if found.value is not None else f"none: {found.reason}"
        yield f"  {name:<13}{100 * found.false_positive:>2.0f} %  {found.method:<36}{text}"


def _detection_lines(limits: TableLimits) -> Iterator[str]:
    for label, found, by_lot in (
        ("Limit of blank", limits.blank, limits.blank_by_lot),
        ("Limit of detection", limits.detection, limits.detection_by_lot),
        ("Limit of quantitation", limits.quantitation, {}),
    ):
        if found is None:
            continue
        text = f"{found.value:.6g}" if found.value is not None else f"none: {found.reason}"
        lots_text = ", ".join(
            f"lot {lot} {one.value:.6g}" for lot, one in by_lot.items() if one.value is not None
        )
        yield f"{label:<22}{text}" + (f"  ({lots_text})" if len(by_lot) > 1 else "")
