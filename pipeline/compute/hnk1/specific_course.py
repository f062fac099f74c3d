"""What is specific in a serum's signal, dilution by dilution, and how both parts fall along the series.

IgM that sticks to the plate without antigen falls more slowly over the dilutions than IgM that binds the
antigen, so one dilution cannot tell them apart and the course can. There is no published limit or index for
this; what is called a definition of this project below has no other source.

- specific fraction of a dilution: (M - N)/M = 1 - N/M, with M the mean of the antigen wells and N that of the
  antigen-negative wells, blank included in both (definition of this project); interval by Fieller 1954, J R
  Stat Soc B 16:175.
- lines: ln E(net) and ln E(N - zero response) on ln dilution, by weighted least squares in OD with the log
  as link (Gauss-Newton; McCullagh and Nelder 1989, Generalized Linear Models, section 2.5), so that readings
  at or below zero take part: left out, they would flatten the lines. At low signals the specific line has the
  slope of the standard curve with the sign turned, about -1.
- non-specific binding index: 100 N'/(N' + D) at the first dilution, with N' the line of the antigen-negative
  wells above the zero response and D the net signal there (definition of this project). D is the reading, not
  a line, because the antigen's signal bends towards the upper plateau where a serum is screened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.compute.plate.background import Signal
from pipeline.compute.statistics.fieller import Means, fieller_interval
from pipeline.compute.statistics.inference import Array, t_two_sided

Limits = tuple[float, float]

CONFIDENCE = 0.95
FEWEST = 2
"""Dilutions that differ from zero, for a line."""
_ROUNDS = 100
_LARGEST_STEP = 0.5
_CLOSE = 1e-8
_LEAST_SE = 1e-6
"""Of a reading, OD: errors of exactly zero would weigh without limit."""

_TOO_FEW = "fewer than two dilutions differ from zero"
_NOT_FITTED = "no line was found"
_NO_ANTIGEN = "the antigen wells are at or below zero"


@dataclass(frozen=True, slots=True)
class Pair:
    """Both kinds of wells at one dilution."""

    dilution: float
    antigen: Signal
    negative: Signal
    df: float = float("inf")
    """Degrees of freedom behind the errors at these signals."""


@dataclass(frozen=True, slots=True)
class SpecificFraction:
    """1 - N/M at one dilution, with its 95 % interval; never clipped to 0 or 1."""

    dilution: float
    fraction: float | None
    ci95: Limits | None
    reason: str | None
    """Why the fraction or its interval is not there."""


@dataclass(frozen=True, slots=True)
class LogLogFall:
    """How a part of the signal falls: d ln(signal) / d ln(dilution); -1 halves it with each two-fold step."""

    slope: float | None
    se: float | None
    dilutions: int
    """That took part."""
    reason: str | None
    """Why there is no slope."""


@dataclass(frozen=True, slots=True)
class BindingIndex:
    """Share of the antigen wells' signal above zero that needs no antigen, at the first dilution, percent."""

    percent: float | None
    ci95: Limits | None
    dilution: float | None
    from_line: bool
    """False where the antigen-negative wells differ from zero at one dilution or none: the reading itself."""
    reason: str | None
    """Why the percent or its interval is not there."""


@dataclass(frozen=True, slots=True)
class SpecificCourse:
    """One serum over its dilutions."""

    fractions: tuple[SpecificFraction, ...]
    specific: LogLogFall
    nonspecific: LogLogFall
    nonspecific_binding_index: BindingIndex


def specific_course(pairs: Sequence[Pair], zero: Signal, *, straight_od: float, df: float) -> SpecificCourse:
    """Fractions, lines and index of one serum.

    Args:
        pairs: readable dilutions, most concentrated first.
        zero: response of a well without antibody (the curve's lower asymptote, or the mean blank).
        straight_od: net signals up to this one belong to the straight part of ln net on ln dilution, OD.
        df: degrees of freedom behind the wells' standard errors; may be infinite.

    Raises:
        ValueError: without degrees of freedom.
    """
    if not df > 0:
        raise ValueError("errors without degrees of freedom have no interval")
    background = _background(pairs, zero, df)
    return SpecificCourse(
        tuple(_fraction(pair, df) for pair in pairs),
        _specific_line(pairs, straight_od, df),
        _described(background, len(pairs)),
        _index(pairs, zero, background, df),
    )


def _fraction(pair: Pair, df: float) -> SpecificFraction:
    antigen, negative = pair.antigen, pair.negative
    if antigen.od <= 0:
        return SpecificFraction(pair.dilution, None, None, _NO_ANTIGEN)
    found = fieller_interval(
        Means(negative.od, antigen.od, negative.se**2, antigen.se**2, 0.0, min(df, pair.df)), CONFIDENCE
    )
    ends = None if found.finite is None else (1 - found.finite[1], 1 - found.finite[0])
    return SpecificFraction(pair.dilution, 1 - negative.od / antigen.od, ends, found.reason)


@dataclass(frozen=True, slots=True)
class _LogLine:
    """ln mean = a + b (ln dilution - ln first dilution): ``theta`` = (a, b).

    ``by_reading`` is d theta / d reading, shape (2, n); ``scale`` is what the readings' variances are
    multiplied by because they scatter more about the line than they should.
    """

    theta: Array
    by_reading: Array
    scale: float
    common_variance: float
    """Of what was subtracted from all readings, OD²."""
    variance: Array
    """Of the readings, shape (n,), OD²."""

    @property
    def slope_se(self) -> float:
        """The readings' own errors, and the common one that moves them all."""
        own = float(self.by_reading[1] ** 2 @ self.variance) * self.scale
        return float(np.sqrt(own + self.by_reading[1].sum() ** 2 * self.common_variance))


def _background(pairs: Sequence[Pair], zero: Signal, df: float) -> _LogLine | str:
    """The line of the antigen-negative wells above the zero response."""
    od = np.array([pair.negative.od - zero.od for pair in pairs])
    se = np.array([pair.negative.se for pair in pairs])
    return _log_line(_ln_steps(pairs), od, se, zero.se, df)


def _specific_line(pairs: Sequence[Pair], straight_od: float, df: float) -> LogLogFall:
    """The line of the net signal on its straight part."""
    low = [pair for pair in pairs if pair.antigen.od - pair.negative.od <= straight_od]
    od = np.array([pair.antigen.od - pair.negative.od for pair in low])
    se = np.array([np.hypot(pair.antigen.se, pair.negative.se) for pair in low])
    return _described(_log_line(_ln_steps(low), od, se, 0.0, df), len(low))


def _ln_steps(pairs: Sequence[Pair]) -> Array:
    """Ln dilution above that of the first, shape (n,)."""
    return np.array([np.log(pair.dilution / pairs[0].dilution) for pair in pairs])


def _described(line: _LogLine | str, dilutions: int) -> LogLogFall:
    if isinstance(line, str):
        return LogLogFall(None, None, dilutions, line)
    return LogLogFall(float(line.theta[1]), line.slope_se, dilutions, None)


def _log_line(x: Array, od: Array, se: Array, common_se: float, df: float) -> _LogLine | str:
    """Fit mean OD = exp(a + b x), or say why not; all arrays of shape (n,)."""
    se = np.maximum(se, _LEAST_SE)
    clear = od > t_two_sided(CONFIDENCE, df) * np.hypot(se, common_se)
    if np.count_nonzero(clear) < FEWEST or np.ptp(x[clear]) == 0:
        return _TOO_FEW
    design = np.stack([np.ones_like(x), x], axis=1)
    theta = _solved(design[clear] * (od / se)[clear, None], (np.log(od[clear]) * (od / se)[clear]))
    if theta is None:
        return _NOT_FITTED
    for _ in range(_ROUNDS):
        mean = np.exp(design @ theta)
        step = _solved(design * (mean / se)[:, None], (od - mean) / se)
        if step is None:
            return _NOT_FITTED
        theta = theta + step * min(1.0, _LARGEST_STEP / max(float(np.abs(step).max()), _CLOSE))
        if float(np.abs(step).max()) < _CLOSE:
            return _settled(design, theta, od, se, common_se)
    return _NOT_FITTED


def _solved(design: Array, response: Array) -> Array | None:
    """Least squares with two columns; None where they say the same, as when a line has run off to zero."""
    first, second = design.T
    aa, ab, bb = float(first @ first), float(first @ second), float(second @ second)
    ay, by = float(first @ response), float(second @ response)
    determinant = aa * bb - ab * ab
    if not determinant > 0:
        return None
    return np.array([bb * ay - ab * by, aa * by - ab * ay]) / determinant


def _left_inverse(design: Array) -> Array:
    """(X'X)⁻¹ X' of two columns, shape (2, n), written out: a general solver takes ten times as long."""
    first, second = design.T
    aa, ab, bb = float(first @ first), float(first @ second), float(second @ second)
    return np.stack([bb * first - ab * second, aa * second - ab * first]) / (aa * bb - ab * ab)


def _settled(design: Array, theta: Array, od: Array, se: Array, common_se: float) -> _LogLine:
    """The line with its errors, widened by its scatter (Birge 1932, Phys Rev 40:207), never narrowed."""
    mean = np.exp(design @ theta)
    by_reading = _left_inverse(design * (mean / se)[:, None]) / se
    spare = len(od) - len(theta)
    scatter = float((((od - mean) / se) ** 2).sum())
    scale = max(1.0, scatter / spare) if spare > 0 else 1.0
    return _LogLine(theta, by_reading, scale, common_se**2, se**2)


def _index(pairs: Sequence[Pair], zero: Signal, line: _LogLine | str, df: float) -> BindingIndex:
    """N'/(N' + M - N) with Fieller's interval: both parts carry the same antigen-negative wells and zero.

    With N' = exp(a) the gradients by the antigen-negative readings are p = N' da/dN and, of the denominator,
    p less 1 at the first; by the zero response both are -sum(p).
    """
    if not pairs:
        return BindingIndex(None, None, None, from_line=False, reason="no readable dilution")
    first, from_line = pairs[0], not isinstance(line, str)
    own, by_reading, scale = _nonspecific_at_first(pairs, zero, line)
    whole = own + first.antigen.od - first.negative.od
    if whole <= 0:
        return BindingIndex(None, None, first.dilution, from_line, _NO_ANTIGEN)
    variance = scale * np.array([pair.negative.se**2 for pair in pairs])
    of_whole = by_reading - np.eye(len(pairs))[0]
    common = by_reading.sum() ** 2 * zero.se**2
    parts = [float(a * b @ variance + common) for a, b in _pairs_of(by_reading, of_whole)]
    means = Means(own, whole, parts[0], parts[1] + first.antigen.se**2, parts[2], df)
    found = fieller_interval(means, CONFIDENCE)
    ends = None if found.finite is None else (100 * found.finite[0], 100 * found.finite[1])
    return BindingIndex(100 * own / whole, ends, first.dilution, from_line, found.reason)


def _pairs_of(one: Array, other: Array) -> tuple[tuple[Array, Array], ...]:
    return (one, one), (other, other), (one, other)


def _nonspecific_at_first(
    pairs: Sequence[Pair], zero: Signal, line: _LogLine | str
) -> tuple[float, Array, float]:
    """(N' in OD, its gradient by the antigen-negative readings, scale of their variances)."""
    if isinstance(line, str):
        return pairs[0].negative.od - zero.od, np.eye(len(pairs))[0], 1.0
    own = float(np.exp(line.theta[0]))
    return own, own * line.by_reading[0], line.scale
