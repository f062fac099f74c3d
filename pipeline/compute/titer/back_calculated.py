"""A series with what the plate says of each of its dilutions: where it lies on the curve, and its cut-off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.plate.series import Series
from pipeline.compute.titer.cutoffs import dilution_cutoffs
from pipeline.compute.titer.estimate import Estimate
from pipeline.compute.titer.estimates import dilution_estimates
from pipeline.domain.assay import Assay
from pipeline.domain.codes.unused import DilutionUnused
from pipeline.domain.layout import SampleEntry
from pipeline.domain.results import NegativeLimit

TOO_LOW = frozenset({DilutionUnused.HOOK, DilutionUnused.RISES_WITH_DILUTION})


@dataclass(frozen=True, slots=True)
class BackCalculatedSeries:
    """One series, dilution by dilution."""

    series: Series
    entry: SampleEntry
    estimates: tuple[Estimate, ...]
    cutoffs: tuple[float | None, ...]
    """Net OD above which each dilution may be positive."""
    confirming: tuple[float | None, ...]
    """Net OD above which it confirms the more concentrated one before it."""

    @property
    def hooked(self) -> frozenset[int]:
        """Dilutions that read too low for how concentrated they are."""
        return frozenset(k for k, e in enumerate(self.estimates) if e.reason in TOO_LOW)

    @property
    def usable(self) -> list[float]:
        """Ln titers of the dilutions that may be used."""
        return [e.ln_titer for e in self.estimates if e.reason is None and e.ln_titer is not None]


def back_calculate_series(
    series: Sequence[Series],
    entries: Sequence[SampleEntry],
    curve: StandardCurve,
    assay: Assay,
    limits: Sequence[NegativeLimit],
    controls: int = 0,
) -> list[BackCalculatedSeries]:
    """Read all dilutions of all series off the curve.

    Args:
        series: wells of each serum.
        entries: who it is.
        curve: the plate's standard curve.
        assay: how it is evaluated.
        limits: of the negative controls.
        controls: so many of the first series are controls. A limit that the negative controls made is not
            theirs to be judged by: they would always pass.
    """
    every = [(one, entry.prior_dilution) for one, entry in zip(series, entries, strict=True)]
    estimates = dilution_estimates(every, curve, assay)
    cutoffs = dilution_cutoffs(every[:controls], curve, assay, ())
    cutoffs += dilution_cutoffs(every[controls:], curve, assay, limits)
    confirming = dilution_cutoffs(every[:controls], curve, assay, (), confirming=True)
    confirming += dilution_cutoffs(every[controls:], curve, assay, limits, confirming=True)
    return [
        BackCalculatedSeries(*row)
        for row in zip(series, entries, estimates, cutoffs, confirming, strict=True)
    ]
