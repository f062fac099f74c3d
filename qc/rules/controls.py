"""Rules on the control sera."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.domain.assay import Assay
from pipeline.domain.declared import Limit
from pipeline.domain.results import ControlResult, PlateResult
from pipeline.domain.rounding import fixed
from qc.rule import Observation, rule


@rule("CTL-01", title="Positive controls are recovered", limit="control_recovery")
def positive_controls(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Titer of each positive control against its target, in percent deviation; no titer is a breach."""
    for control in (c for c in result.controls if c.kind == "positive"):
        subject = f"control {control.name}"
        if control.recovery_percent is None:
            text = f"{control.result.titer.text}; target {control.target:g} {assay.unit}"
            yield Observation(subject, ok=False, observed=control.result.titer.text, message=text)
        else:
            off = abs(control.recovery_percent - 100)
            text = (
                f"{control.result.titer.text}, {fixed(control.recovery_percent, 0)} % of {control.target:g}"
            )
            yield Observation(subject, off <= limit.value, off, text)


@rule("CTL-02", title="Negative controls are negative", limit="negative_control_dilutions")
def negative_controls(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Number of dilutions at which a negative control reads positive after subtraction."""
    del assay
    for control in (c for c in result.controls if c.kind == "negative"):
        subject = f"control {control.name}"
        judged = [d.positive for d in control.result.dilutions if d.positive is not None]
        if not judged:
            yield Observation(subject, ok=False, observed="none", message="no dilution could be judged")
            continue
        positive = float(sum(judged))
        text = f"{positive:g} of {len(judged)} dilutions positive; titer {control.result.titer.text}"
        yield Observation(subject, positive <= limit.value, positive, text)


@rule("CTL-03", title="Controls show their HNK1 status", limit="control_hnk1")
def control_hnk1(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """HNK1 wells of each control read as declared for it; 1 where they do not."""
    if assay.hnk1 is None:
        return
    for control in (c for c in result.controls if c.expected_hnk1 is not None):
        seen = control.result.hnk1
        text = f"HNK1 {seen.status}, expected {control.expected_hnk1}"
        # a negative control has no signal that HNK1 could take away; another run is not asked for controls
        nothing_there = control.expected_hnk1 == "negative" and seen.format != "direct"
        if seen.status == "not_tested" and (nothing_there or seen.format == "other run"):
            yield Observation(f"control {control.name}", None, None, text)
            continue
        wrong = float(seen.status != control.expected_hnk1)
        yield Observation(f"control {control.name}", wrong <= limit.value, wrong, text)


@rule("CTL-04", title="Negative controls set the cut-off", limit="negative_limits_missing")
def negative_cutoffs(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Number of dilutions at which the negative controls give no cut-off, where the assay follows them."""
    if assay.cutoff is None or assay.cutoff.negatives is None:
        return
    missing = [found for found in result.negative_limits if found.limit_od is None]
    observed = float(len(missing) if result.negative_limits else 1)
    text = "; ".join(f"1:{found.dilution:g}: {found.reason}" for found in missing) or (
        f"cut-offs at {len(result.negative_limits)} dilutions"
        if result.negative_limits
        else "no negative control"
    )
    yield Observation("negative controls", observed <= limit.value, observed, text)


@rule("CTL-05", title="Replicates of the controls agree", limit="control_cv")
def control_replicates(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """CV of a control's replicate wells, in percent, root mean square over its dilutions and coatings.

    Groups whose wells differ by no more than ``replicate_difference_od`` do not count.
    """
    small = assay.limits.replicate_difference_od
    for control in result.controls:
        groups = [od for d in control.result.dilutions for od in d.od.values() if od.cv_percent is not None]
        far = [od for od in groups if small is None or (od.range_od or 0.0) > small.value]
        if not groups:
            yield Observation(f"control {control.name}", None, None, "single wells have no CV")
            continue
        squares = [(od.cv_percent or 0.0) ** 2 for od in far or groups]
        cv = (sum(squares) / len(squares)) ** 0.5
        text = f"CV {fixed(cv, 1)} % over {len(far or groups)} groups"
        note = (
            text
            if far
            else f"{text}, whose wells differ by no more than {small.value:g} OD"
            if small
            else text
        )
        yield Observation(f"control {control.name}", not far or cv <= limit.value, cv, note)


@rule("CTL-06", title="Two thirds of the controls are recovered", limit="controls_passing")
def controls_passing(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Share of all positive controls within ``control_recovery``, in percent."""
    recovery = assay.limits.control_recovery
    positive = [c for c in result.controls if c.kind == "positive"]
    if recovery is not None and positive:
        yield _passing("positive controls", positive, recovery, limit)


@rule("CTL-07", title="Half of the controls at each level are recovered", limit="controls_passing_each")
def controls_passing_each(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Share of the positive controls with one target within ``control_recovery``, in percent.

    One control at a level is all of it: it has to pass.
    """
    recovery = assay.limits.control_recovery
    positive = [c for c in result.controls if c.kind == "positive" and c.target is not None]
    for target in sorted({c.target for c in positive if c.target is not None}):
        if recovery is not None:
            level = [c for c in positive if c.target == target]
            yield _passing(f"controls of {target:g}", level, recovery, limit)


def _passing(subject: str, controls: Sequence[ControlResult], recovery: Limit, limit: Limit) -> Observation:
    """The share is compared to a tenth of a percent: 2 of 3 are 66.7 %."""
    near = [
        c.recovery_percent is not None and abs(c.recovery_percent - 100) <= recovery.value for c in controls
    ]
    share = round(100 * sum(near) / len(near), 1)
    text = f"{sum(near)} of {len(near)} within {recovery.value:g} % of target"
    return Observation(subject, share >= limit.value, share, text)


@rule("CTL-08", title="Negative controls are low before subtraction", limit="negative_control_raw")
def negative_controls_raw(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Number of dilutions at which the antigen wells alone of a negative control exceed the cut-off."""
    del assay
    for control in (c for c in result.controls if c.kind == "negative"):
        judged = [d.raw_positive for d in control.result.dilutions if d.raw_positive is not None]
        if not judged:
            yield Observation(f"control {control.name}", None, None, "no dilution could be judged")
            continue
        text = f"{sum(judged)} of {len(judged)} dilutions above the cut-off without subtraction"
        high = float(sum(judged))
        yield Observation(f"control {control.name}", high <= limit.value, high, text)


@rule("CTL-09", title="Negative controls are quiet without antigen", limit="negative_control_quiet_od")
def negative_controls_quiet(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Highest mean OD of a negative control on antigen-negative wells, and on HNK1 wells."""
    for control in (c for c in result.controls if c.kind == "negative"):
        seen = [
            (od.mean, f"on {antigen} at 1:{d.dilution:g}")
            for d in control.result.dilutions
            for antigen, od in d.od.items()
            if antigen != assay.calibration.antigen
        ]
        if seen:
            highest, where = max(seen)
            text = f"mean OD {fixed(highest, 3)} {where}"
            yield Observation(f"control {control.name}", highest <= limit.value, highest, text)
