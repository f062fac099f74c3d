"""A follow-up in words, and as the JSON document ``titerline.follow-up/1``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from pipeline.compute.statistics.censored_change import BoundedChange
from pipeline.compute.statistics.change import Change
from pipeline.domain.names import decimals, outward
from pipeline.report.words.text import counted, visible
from pipeline.report.words.tones import MINUS, Format, class_word, number
from pipeline.runs.follow_up import CONFIDENCE, Compared, FollowUp, Visit

_CHANGE_KEYS = (
    *("kind", "fold", "fold_ci95", "fold_at_most", "fold_at_least", "fold_limit", "percent", "percent_ci95"),
    *("log2_steps", "log2_ci95", "by_interval", "by_fold", "significant", "reason"),
)


def follow_up_text(found: FollowUp) -> str:
    """For people: a block a visit, then what must be known of the numbers."""
    return "\n".join(_lines(found))


def _lines(found: FollowUp) -> Iterator[str]:
    start = found.baseline.day.isoformat() if found.baseline and found.baseline.day else "none"
    code = visible(found.request.patient_code)
    count = counted(len(found.visits), "visit")
    yield f"Patient {code}, {found.assay}, {found.unit}: {count}, baseline {start}"
    for compared in found.visits:
        yield ""
        yield from _visit_lines(compared, found)
    if found.replaced:
        yield ""
    for visit in found.replaced:
        yield f"Left out, a later run replaced it: {visible(visit.sample_id)} in {visit.run}"
    yield ""
    yield from (f"Note: {note}" for note in notes(found))


def _visit_lines(compared: Compared, found: FollowUp) -> Iterator[str]:
    visit = compared.visit
    day = visit.day.isoformat() if visit.day else "no date   "
    mark = "" if visit.day_is == "collected" else " (processed)"
    word = class_word(visit.classification).text
    yield f"{day}{mark}  {visible(visit.sample_id)}  {visit.titer_text}  {word}"
    yield f"    run {visit.run}, {visible(visit.plate)}, slot {visible(visit.slot)}"
    if visit.ln_titer is not None:
        df = "known errors" if visit.ln_titer.df is None else f"{visit.ln_titer.df:.0f} degrees of freedom"
        yield f"    ln titer: SE {visit.ln_titer.se:.3f}, {df}"
    if visit.not_used is not None:
        yield f"    not compared: {visible(visit.not_used)}"
    elif compared.found is None:
        yield "    baseline"
    else:
        yield f"    against baseline: {change_text(compared.found)}"
        yield f"    significant change: {significance_text(compared.found)}"
        yield f"    fall of {found.request.fall_percent:g} %: {_fall_text(compared)}"


def change_text(found: Change | BoundedChange) -> str:
    """Fold, percent and two-fold steps, with intervals or as a bound."""
    if isinstance(found, BoundedChange):
        return _bound_text(found)
    if found.fold is None or found.percent is None or found.log2_steps is None:
        return f"none ({found.reason})"
    parts = (
        (_fold(found.fold), found.fold_interval, _fold, "-fold"),
        (_whole(found.percent), found.percent_interval, _whole, " %"),
        (_steps(found.log2_steps), found.log2_interval, _steps, " log2 steps"),
    )
    texts = [
        f"{value}{unit}" + (f" ({form(ends[0])} to {form(ends[1])})" if ends else "")
        for value, ends, form, unit in parts
    ]
    return "; ".join(texts) + (f"; no interval: {found.reason}" if found.reason else "")


def _bound_text(found: BoundedChange) -> str:
    fold = found.at_least if found.at_most is None else found.at_most
    if fold is None or found.percent is None or found.log2_steps is None:
        return f"cannot be said: {found.reason}"
    up = found.at_most is not None
    side = "at most" if up else "at least"
    limit = (
        f"; with the error of the titer {side} {_fold_bound(found.limit, up=up)}-fold" if found.limit else ""
    )
    limit += f"; no limit with its error: {found.reason}" if found.reason else ""
    percent = _whole(outward(found.percent, 0, up=up))
    steps = _steps(outward(found.log2_steps, 2, up=up))
    return f"{side} {_fold_bound(fold, up=up)}-fold, {percent} %, {steps} log2 steps{limit}"


def _fold_bound(value: float, *, up: bool) -> str:
    """Rounded outwards, so that the printed bound holds too."""
    return _fold(outward(value, decimals(value, 3), up=up))


def _fold(value: float) -> str:
    return number(value, Format.TITER)


def _whole(value: float) -> str:
    return number(round(value), Format.WHOLE)


def _steps(value: float) -> str:
    return f"{value:.2f}".replace("-", MINUS)


def significance_text(found: Change | BoundedChange) -> str:
    """Yes, no or unknown, and by what."""
    if found.significant is None:
        return "cannot be said"
    if not found.significant:
        return f"no: the interval includes no change, and it is less than {found.least_fold:g}-fold"
    return f"yes, {'; '.join(_grounds(found))}"


def _grounds(found: Change | BoundedChange) -> Iterator[str]:
    if isinstance(found, BoundedChange):
        yield f"by the bound ({found.least_fold:g}-fold, or its {100 * found.confidence:g} % limit)"
        return
    if found.by_interval:
        yield f"by the {100 * found.confidence:g} % interval"
    if found.by_fold:
        yield f"{found.least_fold:g}-fold or more"


def _fall_text(compared: Compared) -> str:
    return compared.fall.value if compared.fall is not None else "cannot be said"


def notes(found: FollowUp) -> Iterator[str]:
    """What a reader must know of the numbers."""
    if found.note is not None:
        yield found.note
    used = [compared.visit for compared in found.visits if compared.visit.not_used is None]
    yield "Standard errors are read from the reported 95 % intervals: ln half width over 1.96."
    if len({visit.run for visit in used}) > 1:
        yield (
            "Different runs count as independent; what differs between runs, such as a calibrator lot or the"
            " day, is not in the intervals. Both sera on one plate tell more."
        )
    if found.baseline is not None and sum(visit.run == found.baseline.run for visit in used) > 1:
        yield "Sera of one run share its curve; that is not deducted: their interval is conservative (wide)."
    versions = sorted({visit.assay_version for visit in used})
    if len(versions) > 1:
        yield f"The assay was used in the versions {', '.join(versions)}."
    if any(visit.day_is == "processed" for visit in used):
        yield "Where no day of collection is given, the day of processing stands in its place."


def follow_up_document(found: FollowUp) -> dict[str, object]:
    """For ``--json``."""
    return {
        "schema": "titerline.follow-up/1",
        "patient_code": found.request.patient_code,
        "assay": found.assay,
        "unit": found.unit,
        "confidence": CONFIDENCE,
        "least_fold": found.request.least_fold,
        "fall_percent": found.request.fall_percent,
        "baseline": None if found.baseline is None else _identity(found.baseline),
        "visits": [_visit(compared) for compared in found.visits],
        "replaced": [_identity(visit) for visit in found.replaced],
        "notes": list(notes(found)),
    }


def _identity(visit: Visit) -> dict[str, object]:
    return {"run": visit.run, "plate": visit.plate, "slot": visit.slot, "sample_id": visit.sample_id}


def _visit(compared: Compared) -> dict[str, object]:
    visit = compared.visit
    return {
        "date": None if visit.day is None else visit.day.isoformat(),
        "date_is": visit.day_is,
        **_identity(visit),
        "assay_version": visit.assay_version,
        "processed_at": visit.processed_at,
        "classification": visit.classification,
        "titer": visit.titer.value,
        "qualifier": visit.titer.qualifier,
        "ci95": visit.titer.ci95,
        "ln_titer": None if visit.ln_titer is None else asdict(visit.ln_titer),
        "not_used": visit.not_used,
        "change": None if compared.found is None else _change(compared.found),
        "fall_reached": None if compared.fall is None else compared.fall.value,
    }


def _change(found: Change | BoundedChange) -> dict[str, object]:
    """Both kinds have the same keys, so that a program need not look which one it is."""
    return {
        **dict.fromkeys(_CHANGE_KEYS),
        "percent": found.percent,
        "log2_steps": found.log2_steps,
        "significant": found.significant,
        "reason": found.reason,
        **(_bound(found) if isinstance(found, BoundedChange) else _measured(found)),
    }


def _bound(found: BoundedChange) -> dict[str, object]:
    bounds = {"fold_at_most": found.at_most, "fold_at_least": found.at_least}
    return {"kind": "bound", **bounds, "fold_limit": found.limit}


def _measured(found: Change) -> dict[str, object]:
    return {
        "kind": "number",
        "fold": found.fold,
        "fold_ci95": found.fold_interval,
        "percent_ci95": found.percent_interval,
        "log2_ci95": found.log2_interval,
        "by_interval": found.by_interval,
        "by_fold": found.by_fold,
    }
