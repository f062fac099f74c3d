"""Percent inhibition: how much of the net signal a soluble competitor takes away at one dilution.

The same serum at the same dilution stands in wells with competitor or mock, and in wells without. D is the
mean of the antigen wells minus the mean of the antigen-negative wells. In the OD domain
I = 100 (1 - D_inh/D_un). It understates near the upper plateau, where a tenth of the antibody still gives
half of the OD. In the concentration domain I = 100 (1 - c_inh/c_un), both read from the standard curve; to be
preferred (:mod:`pipeline.compute.hnk1.joint_inhibition`).

Source: Fieller 1954, J R Stat Soc B 16:175, for the ratio of ODs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.models import LOWER, UPPER
from pipeline.compute.plate.background import Signal, difference
from pipeline.compute.statistics.fieller import Means, fieller_interval
from pipeline.compute.statistics.inference import t_two_sided
from pipeline.domain.codes.hnk1 import Hnk1Reason

Limits = tuple[float, float]

OD, CONCENTRATION = "OD", "concentration"
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class PercentInhibition:
    """Percent of the net signal or concentration that the competitor takes away; below 0 it rose."""

    percent: float | None
    ci95: Limits | None
    domain: str
    """``OD`` or ``concentration``."""
    at_least: float | None
    """Lower 97.5 % limit where the inhibited signal does not differ from zero, else None."""
    reason: str | None
    """Why the percent or its interval is not there, or why there is only a bound."""
    code: Hnk1Reason | None = None
    """Of the reason, where it is one of the HNK1 check."""


@dataclass(frozen=True, slots=True)
class InhibitionPair:
    """Mean signals of one serum at one dilution, with and without the competitor."""

    uninhibited: Signal
    inhibited: Signal
    uninhibited_negative: Signal
    inhibited_negative: Signal
    shared_negative: bool
    """Both subtract the same antigen-negative wells, so the error of these is common to both."""

    @property
    def net(self) -> tuple[Signal, Signal]:
        """(D without competitor, D with it)."""
        without = difference(self.uninhibited, self.uninhibited_negative)
        with_it = difference(self.inhibited, self.inhibited_negative)
        assert without is not None  # noqa: S101 - for the type checker: both sides are there
        assert with_it is not None  # noqa: S101 - the same
        return without, with_it

    @property
    def covariance(self) -> float:
        """Of the two net signals, OD²: the variance of what both subtract."""
        return self.uninhibited_negative.se**2 if self.shared_negative else 0.0


def od_inhibition(pair: InhibitionPair, df: float) -> PercentInhibition:
    """Inhibition in the OD domain with Fieller's 95 % interval.

    Args:
        pair: the mean signals.
        df: degrees of freedom behind their standard errors; may be infinite.
    """
    without, with_it = pair.net
    if without.od <= 0:
        return open_inhibition(OD, Hnk1Reason.UNINHIBITED_ZERO)
    means = Means(with_it.od, without.od, with_it.se**2, without.se**2, pair.covariance, df)
    found = fieller_interval(means, CONFIDENCE)
    percent = None if found.ratio is None else _percent(found.ratio)
    ends = None if found.finite is None else (_percent(found.finite[1]), _percent(found.finite[0]))
    if clearly_below_zero(with_it, df) and found.reason is None:
        return open_inhibition(OD, Hnk1Reason.BELOW_ZERO, percent, ends)
    return PercentInhibition(percent, ends, OD, None, found.reason)


def clearly_below_zero(inhibited: Signal, df: float) -> bool:
    """Is a net signal below zero by more than its error? Swapped wells read so, which is no inhibition."""
    return df > 0 and inhibited.od + t_two_sided(CONFIDENCE, df) * inhibited.se < 0


def open_inhibition(
    domain: str,
    code: Hnk1Reason,
    percent: float | None = None,
    ci95: Limits | None = None,
    at_least: float | None = None,
) -> PercentInhibition:
    """Something is missing, or doubtful, for a reason of the check."""
    return PercentInhibition(percent, ci95, domain, at_least, code.says(), code)


def _percent(ratio: float) -> float:
    return 100.0 * (1.0 - ratio)


def window_share(net_od: float, fit: Fit) -> float:
    """Where a net signal lies on the span of a rising curve: 0 at no antibody, 1 at the upper asymptote.

    Noise and saturation lead below 0 and above 1.
    """
    return float(net_od / (fit.theta[UPPER] - fit.theta[LOWER]))


def dilutions_in_window(shares: Sequence[float], low: float, high: float) -> list[int]:
    """Places of the dilutions whose uninhibited signal is in the window, nearest to its middle first.

    Args:
        shares: of each dilution, from :func:`window_share`.
        low: lower end of the window as a share of the span, itself inside.
        high: upper end.

    Raises:
        ValueError: for ends in the wrong order.
    """
    if not low < high:
        raise ValueError(f"a window has a lower and an upper end, not {low} and {high}")
    inside = [i for i, share in enumerate(shares) if low <= share <= high]
    return sorted(inside, key=lambda i: abs(shares[i] - (low + high) / 2))


def why_none_in_window(shares: Sequence[float], high: float) -> Hnk1Reason:
    """In which direction to dilute, where no dilution is in the window."""
    if not shares:
        return Hnk1Reason.NO_SIGNAL
    if all(share > high for share in shares):
        return Hnk1Reason.ABOVE_WINDOW
    if any(share > high for share in shares):
        return Hnk1Reason.BESIDE_WINDOW
    return Hnk1Reason.BELOW_WINDOW


def mock_holds(mock: PercentInhibition, limit_percent: float) -> bool | None:
    """Does the mock competitor leave the signal alone: |I_mock| at most the limit; None without a percent.

    The mock is computed as an inhibited signal.
    """
    return None if mock.percent is None else abs(mock.percent) <= limit_percent
