"""Rules on single samples. They warn: one bad serum does not reject a plate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.domain.assay import Assay
from pipeline.domain.declared import Limit
from pipeline.domain.results import OdSummary, PlateResult, SampleResult
from pipeline.domain.rounding import fixed
from qc.rule import Observation, rule


def _series(result: PlateResult) -> Iterator[tuple[str, SampleResult]]:
    yield from ((f"control {c.name}", c.result) for c in result.controls)
    yield from ((f"sample {s.slot}", s) for s in result.samples)


def _all_negative(sample: SampleResult, assay: Assay) -> bool:
    return assay.cutoff is not None and not any(d.positive for d in sample.dilutions)


@rule("REP-01", title="Replicate wells agree", limit="replicate_cv")
def replicates_agree(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """CV of the replicate ODs of one sample, dilution and antigen, in percent; worst group of each sample.

    Low signals may instead differ by ``replicate_difference_od``.
    """
    for subject, sample in _series(result):
        groups = [
            (od, f"1:{d.dilution:g} {antigen}")
            for d in sample.dilutions
            for antigen, od in d.od.items()
            if od.cv_percent is not None
        ]
        if not groups:
            yield Observation(subject, None, None, "single wells have no CV")
            continue
        bad = [(od, place) for od, place in groups if not _agrees(od, assay, limit)]
        worst, where = max(bad or groups, key=lambda group: group[0].cv_percent or 0.0)
        what = f"CV over the limit at {', '.join(place for _, place in bad)}" if bad else "highest CV"
        text = (
            f"{what}: {fixed(worst.cv_percent or 0.0, 1)} % at {where}, "
            f"wells differ by {fixed(worst.range_od or 0.0, 3)} OD"
        )
        yield Observation(subject, not bad, worst.cv_percent, text)


def _agrees(od: OdSummary, assay: Assay, limit: Limit) -> bool:
    small = assay.limits.replicate_difference_od
    if small is not None and od.range_od is not None and od.range_od <= small.value:
        return True
    return od.cv_percent is not None and od.cv_percent <= limit.value


@rule("SMP-01", title="Dilutions agree about the titer", limit="parallelism_cv")
def dilutions_parallel(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Geometric CV of the titers of the usable dilutions of a positive sample, in percent; needs three."""
    for subject, sample in _series(result):
        if _all_negative(sample, assay):
            continue
        used = [d.titer for d in sample.dilutions if d.used and d.titer is not None]
        if len(used) < 3:  # noqa: PLR2004 - ICH M10: at least three dilutions
            text = f"{len(used)} usable dilutions; three are needed"
            yield Observation(subject, None, None, text)
            continue
        cv = sample.dilution_cv_percent
        yield Observation(
            subject,
            cv is not None and cv <= limit.value,
            cv,
            f"CV {fixed(cv or 0.0, 1)} % over {len(used)} dilutions",
        )


@rule("SMP-02", title="Samples fall like the calibrators", limit="parallelism_ratio")
def slopes_equal(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Ratio of ln-ln slopes of a positive sample and the calibrators; a breach is a 90 % interval outside.

    The limit is the largest ratio; the smallest is its inverse. An interval that reaches inside is no breach:
    the message says whether the sample was shown to be parallel.
    """
    for subject, sample in _series(result):
        if _all_negative(sample, assay):
            continue  # what little it reads is noise, and noise has no slope
        found = sample.series.parallelism if sample.series is not None else None
        if found is None or found.slope_ratio is None or found.ci90 is None:
            yield Observation(subject, None, None, (found and found.reason) or "no curve")
            continue
        low, high = (end if end is not None else found.slope_ratio for end in found.ci90)
        outside = low > limit.value or high < 1 / limit.value
        shown = "shown to be parallel" if low >= 1 / limit.value and high <= limit.value else "open"
        text = f"ratio {fixed(found.slope_ratio, 2)}, 90 % interval {fixed(low, 2)} to {fixed(high, 2)}"
        yield Observation(subject, not outside, found.slope_ratio, text if outside else f"{text}: {shown}")


@rule("SMP-03", title="Titers of one series agree", limit="titer_agreement")
def titers_agree(result: PlateResult, _assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Fold between the cut-off titer (fitted series) and the interpolated endpoint titer."""
    for subject, sample in _series(result):
        fold = sample.series.titers_fold if sample.series is not None else None
        if fold is None:
            yield Observation(subject, None, None, "one of the titers is a bound or not there")
            continue
        yield Observation(subject, fold <= limit.value, fold, f"{fixed(fold, 2)}-fold apart")


@rule("SMP-04", title="The antigen adds to the signal", limit="net_below_zero")
def antigen_adds(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """How far the antigen wells read below the antigen-negative ones, in SE of the difference, at worst.

    Non-specific binding makes them equal; far below, the wells are not those of one serum. Differences of no
    more than ``replicate_difference_od`` do not count.
    """
    if assay.antigen_negative is None:
        return
    small = assay.limits.replicate_difference_od
    for subject, sample in _series(result):
        nets = [(d.net_od / d.net_od_se, d) for d in sample.dilutions if d.net_od is not None and d.net_od_se]
        if not nets:
            yield Observation(subject, None, None, "no dilution has a net OD")
            continue
        far = [(se, d) for se, d in nets if small is None or d.net_od is None or d.net_od < -small.value]
        lowest, where = min(far or nets, key=lambda net: net[0])
        text = f"net OD {fixed(where.net_od or 0.0, 3)} at 1:{where.dilution:g}, {fixed(lowest, 1)} SE"
        yield Observation(subject, not far or lowest >= -limit.value, max(-lowest, 0.0), text)


@rule("SMP-05", title="Hooks are few", limit="samples_hooked")
def hooks(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Share of the samples with a hook, in percent; they are named, and one hook is no fault of the plate."""
    del assay
    found = {s.slot: "hook" for s in result.samples if "HOOK" in s.flags}
    series = [s for s in result.samples if len(s.dilutions) > 1]
    yield from _share(len(series), found, limit)


@rule("SMP-06", title="Sera bind the antigen", limit="samples_nonspecific")
def specific(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Share of the samples with a specific fraction below the assay's limits, in percent; they are named."""
    if assay.antigen_negative is None:
        return
    found = {s.slot: _fraction(s) for s in result.samples if "HIGH_BACKGROUND" in s.flags}
    yield from _share(len(result.samples), found, limit)


def _fraction(sample: SampleResult) -> str:
    seen = sample.antigen_negative
    share = "not known" if seen.specific_fraction is None else fixed(seen.specific_fraction, 2)
    return f"{seen.status}, specific fraction {share}"


@rule("SMP-07", title="Sera lie inside the measuring range", limit="samples_above_range")
def inside_range(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Share of the samples above the measuring range, in percent; those above and below it are named."""
    del assay
    words = {">=": "above", "<": "below"}
    outside = {s.slot: words[s.titer.qualifier] for s in result.samples if s.titer.qualifier in words}
    above = [slot for slot, side in outside.items() if side == "above"]
    yield from _share(len(result.samples), outside, limit, counted=len(above))


def _share(
    samples: int, found: Mapping[str, str], limit: Limit, counted: int | None = None
) -> Iterator[Observation]:
    """One sample says nothing about its plate, two and more do."""
    number = len(found) if counted is None else counted
    text = "; ".join(f"{slot}: {what}" for slot, what in found.items()) or "none"
    if samples == 1:
        yield Observation("samples", None, None, f"a single sample says nothing about the plate; {text}")
    elif samples:
        share = 100 * number / samples
        yield Observation("samples", share <= limit.value, share, f"{number} of {samples}; {text}")
