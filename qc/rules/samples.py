"""Rules on single samples. They warn: one bad serum does not reject a plate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from pipeline.domain.assay import Assay
from pipeline.domain.codes.flags import Flag
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.findings import About, SubjectKind
from pipeline.domain.message import Message, joined
from pipeline.domain.results import OdSummary, PlateResult, SampleResult
from pipeline.domain.rounding import fixed
from qc.rule import Observation, Observations, Terms, rule, rule_by_terms, unknown
from qc.subjects import SAMPLES, FindingSubject, series

_ENOUGH = 3
"""Usable dilutions for parallelism (ICH M10)."""


def _judged_series(result: PlateResult, assay: Assay) -> Iterator[tuple[FindingSubject, SampleResult]]:
    """Those with a positive dilution: what little the others read is noise, and noise has no slope."""
    for subject, serum in series(result):
        if assay.cutoff is None or any(d.positive for d in serum.dilutions):
            yield subject, serum


@rule_by_terms("REP-01", title="Replicate wells agree", breach="Replicate wells differ", limit="replicate_cv")
def replicates_agree(result: PlateResult, terms: Terms) -> Observations:
    """CV of the replicate ODs of one sample, dilution and antigen, in percent; worst group of each sample.

    Low signals may instead differ by ``replicate_difference_od``.
    """
    for subject, serum in series(result):
        groups = list(_groups(serum))
        if not groups:
            yield unknown(subject, Message("single wells have no CV"))
            continue
        bad = [group for group in groups if not _agrees(group[0], terms)]
        worst, where = max(bad or groups, key=lambda group: group[0].cv_percent or 0.0)
        named = tuple(_named(subject, place) for _, place in bad)
        text = _apart(worst, where, [place for _, place in bad])
        yield Observation(subject, worst.cv_percent, text, ok=not bad, named=named)


_Place = tuple[float, str]
"""Dilution and coating."""


def _groups(serum: SampleResult) -> Iterator[tuple[OdSummary, _Place]]:
    for d in serum.dilutions:
        for antigen, od in d.od.items():
            if od.cv_percent is not None:
                yield od, (d.dilution, antigen)


def _agrees(od: OdSummary, terms: Terms) -> bool:
    small = terms.limits.replicate_difference_od
    if small is not None and od.range_od is not None and small.allows(od.range_od):
        return True
    return od.cv_percent is not None and terms.limit.allows(od.cv_percent)


def _named(subject: FindingSubject, place: _Place) -> About:
    (whole,) = subject.about
    return About(whole.kind, whole.name, antigen=place[1], dilution=place[0])


def _apart(worst: OdSummary, where: _Place, bad: list[_Place]) -> Message:
    shown = {
        "cv": fixed(worst.cv_percent or 0.0, 1),
        "place": _at(where),
        "od": fixed(worst.range_od or 0.0, 3),
    }
    if not bad:
        return Message("highest CV: {cv:n} % at {place}, wells differ by {od:n} OD", **shown)
    over = "CV over the limit at {places}: {cv:n} % at {place}, wells differ by {od:n} OD"
    return Message(over, places=", ".join(map(_at, bad)), **shown)


def _at(place: _Place) -> str:
    return f"1:{place[0]:g} {place[1]}"


@rule_by_terms(
    "SMP-01",
    title="Dilutions agree about the titer",
    breach="Dilutions disagree about the titer",
    limit="parallelism_cv",
    follows="calibrators",
)
def dilutions_parallel(result: PlateResult, terms: Terms) -> Observations:
    """Geometric CV of the titers of the usable dilutions of a positive sample, in percent; needs three."""
    for subject, serum in _judged_series(result, terms.assay):
        used = sum(d.used and d.titer is not None for d in serum.dilutions)
        if used < _ENOUGH:
            few = Message("{n:n} usable dilutions", n=used)
            yield unknown(subject, joined("; ", [few, Message("three are needed")]))
            continue
        cv = serum.dilution_cv_percent
        text = Message("CV {cv:n} % over {n:n} dilutions", cv=fixed(cv or 0.0, 1), n=used)
        yield Observation(subject, cv, text, ok=False if cv is None else None)


@rule_by_terms(
    "SMP-02",
    title="Samples fall like the calibrators",
    breach="Sample does not fall like the calibrators",
    limit="parallelism_ratio",
    follows="calibrators",
)
def slopes_equal(result: PlateResult, terms: Terms) -> Observations:
    """Ratio of ln-ln slopes of a positive sample and the calibrators; a breach is a 90 % interval outside.

    The limit is the largest ratio; the smallest is its inverse. An interval that reaches inside is no breach:
    the message says whether the sample was shown to be parallel.
    """
    for subject, serum in _judged_series(result, terms.assay):
        found = serum.series.parallelism if serum.series is not None else None
        if found is None or found.slope_ratio is None or found.ci90 is None:
            yield unknown(subject, (found and found.reason) or Message("no curve"))
            continue
        low, high = (end if end is not None else found.slope_ratio for end in found.ci90)
        allows = terms.limit.allows
        inside = allows(low) and allows(_inverse(high))
        shown = "shown to be parallel" if allows(high) and allows(_inverse(low)) else "open"
        parts = {"n": fixed(found.slope_ratio, 2), "low": fixed(low, 2), "high": fixed(high, 2)}
        text = Message("ratio {n:n}, 90 % interval {low:n} to {high:n}", **parts)
        said = Message("{ratio:t}: {shown:t}", ratio=text, shown=shown) if inside else text
        yield Observation(subject, found.slope_ratio, said, ok=inside)


def _inverse(ratio: float) -> float:
    """A ratio that is not above zero is farther down than any."""
    return 1 / ratio if ratio > 0 else math.inf


@rule(
    "SMP-03",
    title="Titers of one series agree",
    breach="Titers of one series differ",
    limit="titer_agreement",
    follows="calibrators",
)
def titers_agree(result: PlateResult) -> Observations:
    """Fold between the cut-off titer (fitted series) and the interpolated endpoint titer."""
    for subject, serum in series(result):
        fold = serum.series.titers_fold if serum.series is not None else None
        if fold is None:
            yield unknown(subject, Message("one of the titers is a bound or not there"))
        else:
            yield Observation(subject, fold, Message("{n:n}-fold apart", n=fixed(fold, 2)))


@rule_by_terms(
    "SMP-04",
    title="The antigen adds to the signal",
    breach="Antigen wells read below the antigen-negative ones",
    limit="net_below_zero",
)
def antigen_adds(result: PlateResult, terms: Terms) -> Observations:
    """How far the antigen wells read below the antigen-negative ones, in SE of the difference, at worst.

    Non-specific binding makes them equal; far below, the wells are not those of one serum. Differences of no
    more than ``replicate_difference_od`` do not count.
    """
    if terms.assay.antigen_negative is None:
        return
    small = terms.limits.replicate_difference_od
    for subject, serum in series(result):
        nets = [(d.net_od, d.net_od_se, d.dilution) for d in serum.dilutions]
        known = [(net / se, net, dilution) for net, se, dilution in nets if net is not None and se]
        if not known:
            yield unknown(subject, Message("no dilution has a net OD"))
            continue
        far = [found for found in known if small is None or not small.allows(-found[1])]
        lowest, net, dilution = min(far or known, key=lambda found: found[0])
        text = Message(
            "net OD {od:n} at 1:{n:n}, {se:n} SE", od=fixed(net, 3), n=f"{dilution:g}", se=fixed(lowest, 1)
        )
        yield Observation(subject, max(-lowest, 0.0), text, ok=None if far else True)


@rule("SMP-05", title="Hooks are few", breach="Many hooks", limit="samples_hooked")
def hooks(result: PlateResult) -> Observations:
    """Share of the samples with a hook, in percent; they are named, and one hook is no fault of the plate."""
    found = {s.slot: Message("hook") for s in result.samples if Flag.HOOK in s.flags}
    series = [s for s in result.samples if len(s.dilutions) > 1]
    yield from _share(len(series), found)


@rule_by_terms(
    "SMP-06",
    title="Sera bind the antigen",
    breach="Many sera bind without antigen",
    limit="samples_nonspecific",
)
def specific(result: PlateResult, terms: Terms) -> Observations:
    """Share of the samples with a specific fraction below the assay's limits, in percent; they are named."""
    if terms.assay.antigen_negative is None:
        return
    found = {s.slot: _fraction(s) for s in result.samples if Flag.HIGH_BACKGROUND in s.flags}
    yield from _share(len(result.samples), found)


def _fraction(serum: SampleResult) -> Message:
    seen = serum.antigen_negative
    if seen.specific_fraction is None:
        return Message("{status:t}, specific fraction not known", status=seen.status.means.words)
    share = fixed(seen.specific_fraction, 2)
    return Message("{status:t}, specific fraction {n:n}", status=seen.status.means.words, n=share)


@rule(
    "SMP-07",
    title="Sera lie inside the measuring range",
    breach="Many sera above the measuring range",
    limit="samples_above_range",
)
def inside_range(result: PlateResult) -> Observations:
    """Share of the samples above the measuring range, in percent; those above and below it are named."""
    sides = {s.slot: s.titer.qualifier.means.side for s in result.samples}
    outside = {slot: Message(side) for slot, side in sides.items() if side is not None}
    above = sum(s.titer.qualifier is Qualifier.AT_LEAST for s in result.samples)
    yield from _share(len(result.samples), outside, counted=above)


def _share(samples: int, found: Mapping[str, Message], counted: int | None = None) -> Observations:
    """One sample says nothing about its plate, two and more do."""
    number = len(found) if counted is None else counted
    texts = [Message("{slot:w}: {what:t}", slot=slot, what=what) for slot, what in found.items()]
    named = tuple(About(SubjectKind.SAMPLE, slot) for slot in found)
    if samples == 1:
        alone = Message("a single sample says nothing about the plate")
        yield Observation(SAMPLES, None, joined("; ", [alone, *(texts or [Message("none")])]), named=named)
    elif samples:
        count = Message("{n:n} of {m:n}", n=number, m=samples)
        text = joined("; ", [count, *(texts or [Message("none")])])
        yield Observation(SAMPLES, 100 * number / samples, text, named=named)
