"""What past plates say: the error of a dilution step, and cut-offs from negative controls and sera.

Nothing is changed by itself: the laboratory copies the lines into its assay, so that every run says which
value it used.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from pipeline.compute.past.history import HistoryCut, fixed_cut
from pipeline.compute.statistics.cutpoints import CutPoint, CutPointMethod, cut_point
from pipeline.compute.statistics.detection import bias_corrected_factor
from pipeline.compute.titer.error_components import pooled_step
from pipeline.domain.codes.classes import Outcome
from pipeline.domain.findings import RunVerdict
from pipeline.domain.history import StepError
from pipeline.domain.record import RunRecord
from pipeline.errors import InputError
from pipeline.record.folder import records_in
from pipeline.record.job import replaces

ENOUGH_PLATES = 20
"""Fewer plates give a provisional value (as for control limits: 20 runs)."""
ENOUGH_NEGATIVES = 20
"""Fewer sera make no HNK1 cut point of a laboratory's own."""
FALSE_POSITIVE = 0.01
"""A confirmatory cut-off (Shankar et al. 2008, J Pharm Biomed Anal 48:1267)."""
SCREENING = 0.05
"""A screening cut-off (the same): where the grey zone of HNK1 begins."""


@dataclass(frozen=True, slots=True)
class Learned:
    """The step CV of past plates, in percent, and how much stands behind it."""

    assay: str
    plates: int
    increments: int
    cv_percent: float | None
    """With the vaguest declared value; None where the plates' increments tell nothing."""
    df: float | None
    cut: HistoryCut | None = None
    """Net OD that a negative control of a further plate exceeds with a chance of ``FALSE_POSITIVE``."""
    hnk1: CutPoint | None = None
    """HNK1 value that a further MAG-negative serum exceeds with that chance; None without such values."""
    hnk1_grey: CutPoint | None = None
    """The same with the chance ``SCREENING``: the grey zone begins there."""
    lob_od: float | None = None
    """Net OD of one antigen well over one antigen-negative well that noise alone exceeds with the chance
    ``FALSE_POSITIVE``: no cut-off is proposed below it. None where no plate tells the noise."""

    @property
    def provisional(self) -> bool:
        """Fewer plates than a laboratory should rely on."""
        return self.plates < ENOUGH_PLATES


def learn_step(reports: Path, assay: str) -> Learned:
    """Pool the increments of all runs of an assay that were not rejected.

    Args:
        reports: folder with one folder a run, each with its ``results.json``.
        assay: name of the assay.

    Raises:
        InputError: a record that cannot be read, or no run of this assay.
    """
    records = _records(reports, assay)
    found = _step_errors(records)
    if not found:
        raise InputError(
            "NO_RUNS",
            f"no run of the assay '{assay}' with a dilution series is here",
            file=str(reports),
            action="Name the folder with the reports, and the assay as its folder is called.",
        )
    increments = sum(step.increments for step in found)
    cv, df = pooled_step(found) or (None, None)
    return Learned(
        *(assay, len(found), increments, cv, df, _negative_cut(records)),
        hnk1=_hnk1_cut(records, FALSE_POSITIVE),
        hnk1_grey=_hnk1_cut(records, SCREENING),
        lob_od=_limit_of_blank(records),
    )


def _records(reports: Path, assay: str) -> Sequence[RunRecord]:
    """Runs of the assay that no later run replaced."""
    records = [record for record in records_in(reports) if record.run.assay == assay]
    replaced = {replaces(record.verdict, record.run.supersedes) for record in records}
    return [record for record in records if record.run.id not in replaced]


def _step_errors(records: Sequence[RunRecord]) -> Sequence[StepError]:
    """Of the plates that were not rejected."""
    return [
        record.step_error
        for record in records
        if record.verdict is not RunVerdict.REJECTED
        and record.step_error is not None
        and record.step_error.increments
    ]


def _negative_cut(records: Sequence[RunRecord]) -> HistoryCut | None:
    """The historical pool: net OD of the negative controls at their most concentrated dilution.

    Rejected plates take part: to leave out those whose negative control read high would lower the cut-off.
    """
    plates = []
    for record in records:
        firsts = [
            c.result.dilutions[0] for c in record.controls if c.kind == "negative" and c.result.dilutions
        ]
        readings = [first.net_od for first in firsts if first.net_od is not None]
        plates.append(np.array(readings))
    if not any(plate.size for plate in plates):
        return None
    return fixed_cut(plates, FALSE_POSITIVE, ENOUGH_PLATES)


def _limit_of_blank(records: Sequence[RunRecord]) -> float | None:
    """Of the difference of two single wells: normal quantile times the root of twice a well's variance.

    The variance is pooled over the blank wells of all plates, or over the part of the replicates' error that
    does not grow with the signal, whichever is larger (CLSI EP17-A2, section 5.3.3.2, for its factor).
    """
    blanks = [(b.n - 1, b.sd_od**2) for r in records for b in r.blanks if b.sd_od is not None]
    wells = [(r.precision.df, r.precision.additive_od**2) for r in records if r.precision is not None]
    found = [_pooled(part) for part in (blanks, wells) if sum(df for df, _ in part) > 1]
    if not found:
        return None
    df, variance = max(found, key=lambda one: one[1])
    factor = bias_corrected_factor(1 - FALSE_POSITIVE, df, 0)
    return None if factor is None else factor * math.sqrt(2 * variance)


def _pooled(parts: Sequence[tuple[int, float]]) -> tuple[int, float]:
    """(degrees of freedom, variance) of variances with their degrees of freedom."""
    df = sum(df for df, _ in parts)
    return df, sum(df * variance for df, variance in parts) / df


def _hnk1_cut(records: Sequence[RunRecord], false_positive: float) -> CutPoint | None:
    """A confirmatory cut point from MAG-negative sera, the latest value of each: direct HNK1 wells only.

    Inhibition and absorption need a MAG signal to take away, which these sera do not have. Sera that react
    with HNK1 alone take part: to leave them out would lower the cut point.
    """
    values: dict[str, float] = {}
    for record in records:
        for sample in record.samples:
            negative = sample.classification.means.outcome is Outcome.NEGATIVE
            if negative and sample.hnk1.format == "direct" and sample.hnk1.value is not None:
                # without a sample sheet S1 is another serum in every run
                named = record.run.sample_sheet is not None
                values[sample.sample_id if named else f"{record.run.id} {sample.slot}"] = sample.hnk1.value
    if not values:
        return None
    return cut_point(
        np.array(list(values.values())),
        false_positive=false_positive,
        method=CutPointMethod.PREDICTION,
        least_n=ENOUGH_NEGATIVES,
    )


def learned_document(learned: Learned) -> dict[str, object]:
    """For ``--json``."""
    return {
        "schema": "titerline.learn/1",
        "assay": learned.assay,
        "plates": learned.plates,
        "increments": learned.increments,
        "step_cv_percent": learned.cv_percent,
        "step_cv_df": learned.df,
        "provisional": learned.provisional,
        "negative_cut": None if learned.cut is None else asdict(learned.cut),
        "hnk1_cut": None if learned.hnk1 is None else asdict(learned.hnk1),
        "hnk1_grey_cut": None if learned.hnk1_grey is None else asdict(learned.hnk1_grey),
        "limit_of_blank_od": learned.lob_od,
    }


def learned_text(learned: Learned) -> str:
    """In words, with the lines for the assay."""
    return "\n".join([*_step_lines(learned), "", *_cut_lines(learned), *_hnk1_lines(learned)])


def _step_lines(learned: Learned) -> Iterator[str]:
    head = f"{learned.assay}: {learned.increments} increments on {learned.plates} plates"
    if learned.cv_percent is None or learned.df is None:
        yield f"{head} tell nothing about a dilution step; the declared value stays."
        return
    caution = f" (provisional: fewer than {ENOUGH_PLATES} plates)" if learned.provisional else ""
    yield f"{head}: a dilution step has a CV of {learned.cv_percent:.2f} %{caution}."
    yield from ("", "For [dilution] in assay.toml, with a new version of the assay:", "", "[dilution]")
    yield f"step_cv_df = {learned.df:.0f}"
    source = f"increments of {learned.plates} plates of this laboratory"
    yield from (
        "",
        "[dilution.step_cv]",
        f"value = {learned.cv_percent:.2f}",
        'unit = "%"',
        f'source = "{source}"',
    )


def _cut_lines(learned: Learned) -> Iterator[str]:
    cut = learned.cut
    chance = f"{100 * FALSE_POSITIVE:g} %"
    if cut is None or cut.value is None:
        reason = "there is none on these plates" if cut is None else cut.reason
        yield f"Negative controls: no cut-off ({reason})."
        return
    yield (
        f"Negative controls, {cut.n} on {cut.plates} plates: one of a further plate exceeds a net OD of"
        f" {cut.value:.3f} with a chance of {chance}{f' (provisional: {cut.reason})' if cut.reason else ''}."
    )
    source = f"{chance} false positives among {cut.n} negative controls of {cut.plates} plates"
    yield from _floor_lines(learned, cut.value, source)


def _floor_lines(learned: Learned, cut: float, source: str) -> Iterator[str]:
    if learned.lob_od is None:
        yield "No plate tells the noise of a well; the declared floor stays."
        return
    if cut < learned.lob_od:
        yield f"One well's noise reaches a net OD of {learned.lob_od:.3f}: no floor is proposed below it."
        source = f"limit of blank of single wells; above {source}"
    yield from _setting("cutoff.floor_od", f"{max(cut, learned.lob_od):.3f}", "OD", source)


def _hnk1_lines(learned: Learned) -> Iterator[str]:
    cut, grey, noise = learned.hnk1, learned.hnk1_grey, learned.lob_od
    if cut is None or grey is None:
        return
    yield ""
    if cut.value is None or grey.value is None or noise is None:
        reason = cut.reason or "no plate tells the noise of a well"
        yield f"HNK1 cut-off: none of its own yet ({reason}); the declared default stays."
        return
    chance = f"{100 * FALSE_POSITIVE:g} %"
    limit = f"an HNK1 OD of {cut.value:.3f}"
    yield f"{cut.n} MAG-negative sera: a further one exceeds {limit} with a chance of {chance}."
    yield from ("", "[hnk1]", 'cut_from = "own negatives"')
    negatives = f"false positives among {cut.n} MAG-negative sera of this laboratory"
    low = max(grey.value, noise)
    high = max(cut.value, low + noise)
    wide = "at least the noise of a well above grey_od; "
    yield from _setting("hnk1.positive_od", f"{high:.3f}", "OD", f"{wide}{chance} {negatives}")
    screening = f"no less than the noise of a well; {100 * SCREENING:g} % {negatives}"
    yield from _setting("hnk1.grey_od", f"{low:.3f}", "OD", screening)


def _setting(key: str, value: str, unit: str, source: str) -> Iterator[str]:
    yield from ("", f"[{key}]", f"value = {value}", f'unit = "{unit}"', f'source = "{source}"')
