"""Rules on the control sera."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.domain.codes.hnk1 import Hnk1Status
from pipeline.domain.declared import Limit
from pipeline.domain.message import Message, joined
from pipeline.domain.results import ControlResult, PlateResult
from pipeline.domain.rounding import fixed
from qc.rule import Observation, Observations, Terms, rule, rule_by_terms, unknown
from qc.subjects import NEGATIVE_CONTROLS, POSITIVE_CONTROLS, FindingSubject, control, controls_of


def _of_kind(result: PlateResult, kind: str) -> list[ControlResult]:
    return [one for one in result.controls if one.kind == kind]


@rule_by_terms(
    "CTL-01",
    title="Positive controls are recovered",
    breach="Positive control out of range",
    limit="control_recovery",
    follows="calibrators",
)
def positive_controls(result: PlateResult, terms: Terms) -> Observations:
    """Titer of each positive control against its target, in percent deviation; no titer is a breach."""
    for one in _of_kind(result, "positive"):
        titer, target = one.result.titer.text, f"{one.target:g}"
        if one.recovery_percent is None:
            wanted = Message("target {n:n} {unit}", n=target, unit=terms.assay.unit)
            yield Observation(control(one.name), titer, joined("; ", [titer, wanted]), ok=False)
        else:
            percent = fixed(one.recovery_percent, 0)
            text = Message("{p:n} % of {target:n}; {titer:t}", titer=titer, p=percent, target=target)
            yield Observation(control(one.name), abs(one.recovery_percent - 100), text)


@rule(
    "CTL-02",
    title="Negative controls are negative",
    breach="Negative control reads positive",
    limit="negative_control_dilutions",
)
def negative_controls(result: PlateResult) -> Observations:
    """Number of dilutions at which a negative control reads positive after subtraction."""
    for one in _of_kind(result, "negative"):
        judged = [d.positive for d in one.result.dilutions if d.positive is not None]
        if not judged:
            why = Message("no dilution could be judged")
            yield Observation(control(one.name), "none", why, ok=False)
            continue
        count = Message("{n:n} of {m:n} dilutions positive", n=sum(judged), m=len(judged))
        titer = Message("titer {titer:t}", titer=one.result.titer.text)
        yield Observation(control(one.name), float(sum(judged)), joined("; ", [count, titer]))


@rule_by_terms(
    "CTL-03",
    title="Controls show their HNK1 status",
    breach="Control with the wrong HNK1 status",
    limit="control_hnk1",
    hnk1=True,
)
def control_hnk1(result: PlateResult, terms: Terms) -> Observations:
    """HNK1 wells of each control read as declared for it; 1 where they do not."""
    if terms.assay.hnk1 is None:
        return
    for one in result.controls:
        seen, expected = one.result.hnk1, one.expected_hnk1
        if expected is None:
            continue
        text = Message("HNK1 {seen:t}, expected {wanted:t}", seen=seen.status, wanted=expected)
        # a negative control has no signal that HNK1 could take away; another run is not asked for controls
        nothing_there = expected == "negative" and seen.format != "direct"
        if seen.status is Hnk1Status.NOT_TESTED and (nothing_there or seen.format == "other run"):
            yield unknown(control(one.name), text)
        else:
            yield Observation(control(one.name), float(seen.status != expected), text)


@rule_by_terms(
    "CTL-04",
    title="Negative controls set the cut-off",
    breach="Negative controls give no cut-off",
    limit="negative_limits_missing",
)
def negative_cutoffs(result: PlateResult, terms: Terms) -> Observations:
    """Number of dilutions at which the negative controls give no cut-off, where the assay follows them."""
    cutoff, found = terms.assay.cutoff, result.negative_limits
    if cutoff is None or cutoff.negatives is None:
        return
    missing = [one for one in found if one.limit_od is None]
    if not found:
        yield Observation(NEGATIVE_CONTROLS, 1.0, Message("no negative control"))
    elif missing:
        whys = (Message("1:{n:n}: {why:t}", n=f"{one.dilution:g}", why=one.reason or "") for one in missing)
        yield Observation(NEGATIVE_CONTROLS, float(len(missing)), joined("; ", whys))
    else:
        yield Observation(NEGATIVE_CONTROLS, 0.0, Message("cut-offs at {n:n} dilutions", n=len(found)))


@rule_by_terms(
    "CTL-05",
    title="Replicates of the controls agree",
    breach="Replicates of a control differ",
    limit="control_cv",
)
def control_replicates(result: PlateResult, terms: Terms) -> Observations:
    """CV of a control's replicate wells, in percent, root mean square over its dilutions and coatings.

    Groups whose wells differ by no more than ``replicate_difference_od`` do not count.
    """
    small = terms.limits.replicate_difference_od
    for one in result.controls:
        groups = [od for d in one.result.dilutions for od in d.od.values() if od.cv_percent is not None]
        far = [od for od in groups if small is None or not small.allows(od.range_od or 0.0)]
        if not groups:
            yield unknown(control(one.name), Message("single wells have no CV"))
            continue
        squares = [(od.cv_percent or 0.0) ** 2 for od in far or groups]
        cv = (sum(squares) / len(squares)) ** 0.5
        text = _scatter(cv, len(squares), None if far else small)
        yield Observation(control(one.name), cv, text, ok=None if far else True)


def _scatter(cv: float, groups: int, small: Limit | None) -> Message:
    shown = fixed(cv, 1)
    if small is None:
        return Message("CV {cv:n} % over {n:n} groups", cv=shown, n=groups)
    close = "CV {cv:n} % over {n:n} groups, whose wells differ by no more than {od:n} OD"
    return Message(close, cv=shown, n=groups, od=f"{small.value:g}")


@rule_by_terms(
    "CTL-06",
    title="Two thirds of the controls are recovered",
    breach="Too few positive controls in range",
    limit="controls_passing",
    follows="calibrators",
)
def controls_passing(result: PlateResult, terms: Terms) -> Observations:
    """Share of all positive controls within ``control_recovery``, in percent."""
    recovery, positive = terms.limits.control_recovery, _of_kind(result, "positive")
    if recovery is not None and positive:
        yield _passing(POSITIVE_CONTROLS, positive, recovery)


@rule_by_terms(
    "CTL-07",
    title="Half of the controls at each level are recovered",
    breach="Too few controls of a level in range",
    limit="controls_passing_each",
    follows="calibrators",
)
def controls_passing_each(result: PlateResult, terms: Terms) -> Observations:
    """Share of the positive controls with one target within ``control_recovery``, in percent.

    One control at a level is all of it: it has to pass.
    """
    recovery, positive = terms.limits.control_recovery, _of_kind(result, "positive")
    if recovery is None:
        return
    for target in sorted({one.target for one in positive if one.target is not None}):
        level = [one for one in positive if one.target == target]
        yield _passing(controls_of(target), level, recovery)


def _passing(subject: FindingSubject, controls: Sequence[ControlResult], recovery: Limit) -> Observation:
    """The share is compared to a tenth of a percent: 2 of 3 are 66.7 %."""
    percents = [one.recovery_percent for one in controls]
    near = sum(percent is not None and recovery.allows(abs(percent - 100)) for percent in percents)
    text = Message(
        "{n:n} of {m:n} within {p:n} % of target", n=near, m=len(percents), p=f"{recovery.value:g}"
    )
    return Observation(subject, round(100 * near / len(percents), 1), text)


@rule(
    "CTL-08",
    title="Negative controls are low before subtraction",
    breach="Negative control is high before subtraction",
    limit="negative_control_raw",
)
def negative_controls_raw(result: PlateResult) -> Observations:
    """Number of dilutions at which the antigen wells alone of a negative control exceed the cut-off."""
    for one in _of_kind(result, "negative"):
        judged = [d.raw_positive for d in one.result.dilutions if d.raw_positive is not None]
        if not judged:
            yield unknown(control(one.name), Message("no dilution could be judged"))
            continue
        text = "{n:n} of {m:n} dilutions above the cut-off without subtraction"
        yield Observation(control(one.name), float(sum(judged)), Message(text, n=sum(judged), m=len(judged)))


@rule_by_terms(
    "CTL-09",
    title="Negative controls are quiet without antigen",
    breach="Negative control binds without antigen",
    limit="negative_control_quiet_od",
)
def negative_controls_quiet(result: PlateResult, terms: Terms) -> Observations:
    """Highest mean OD of a negative control on wells without the calibrators' antigen."""
    for one in _of_kind(result, "negative"):
        seen = [
            (od.mean, antigen, d.dilution)
            for d in one.result.dilutions
            for antigen, od in d.od.items()
            if antigen != terms.assay.calibration.antigen
        ]
        if seen:
            highest, antigen, dilution = max(seen)
            where = "mean OD {od:n} on {antigen} at 1:{n:n}"
            text = Message(where, od=fixed(highest, 3), antigen=antigen, n=f"{dilution:g}")
            yield Observation(control(one.name), highest, text)
