"""What is known of a sample's specificity: antigen-negative wells, course over the dilutions, HNK1."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from pipeline.domain import ADDED
from pipeline.domain.codes.hnk1 import Hnk1Reason, Hnk1Status
from pipeline.domain.codes.specific import SpecificStatus

Interval: TypeAlias = tuple[float | None, float | None]
"""(low, high); None on a side means that the data do not bound it."""


@dataclass(frozen=True, slots=True)
class AntigenNegative:
    """Share of the MAG signal that is specific: (MAG - none) / MAG over the deciding dilutions."""

    specific_fraction: float | None
    ci95: Interval | None
    status: SpecificStatus


@dataclass(frozen=True, slots=True)
class Hnk1Number:
    """One more number of the HNK1 check, in words, with its interval; without a value, the reason."""

    name: str
    value: float | None
    unit: str
    ci95: Interval | None = None
    text: str = ""
    """What it means, or why it is not there."""


@dataclass(frozen=True, slots=True)
class Hnk1Result:
    """Cross-reactivity with HNK1."""

    format: str | None
    status: Hnk1Status
    value: float | None
    unit: str | None
    ci95: Interval | None
    reason: str | None = None
    dilution: float | None = None
    """Reciprocal dilution at which the value was taken; of several, the one nearest to mid-window."""
    at_least: float | None = None
    """Lower 97.5 % limit where there is no value, only a bound."""
    positive_from: float | None = None
    grey_from: float | None = None
    """The limits that the value was compared with, in its unit."""
    cut_from: str | None = None
    """``default`` or ``own negatives``."""
    others: tuple[Hnk1Number, ...] = ()
    code: Hnk1Reason | None = field(default=None, metadata=ADDED)
    """Of ``reason``; None where it has none, and in records of versions without it."""
    dilutions: tuple[float, ...] = field(default=(), metadata=ADDED)
    """Reciprocal dilutions that the value was taken from jointly; empty where one alone gave it."""


@dataclass(frozen=True, slots=True)
class NonspecificBinding:
    """How much of a serum's signal needs no antigen, and how both parts fall along its dilutions."""

    index_percent: float | None
    """Antigen-negative over all signal above zero at the first dilution."""
    ci95: Interval | None
    specific_slope: float | None
    """d ln(net) / d ln(dilution) on the straight part; about -1."""
    specific_slope_se: float | None
    nonspecific_slope: float | None
    """d ln(antigen-negative) / d ln(dilution); nearer to 0 than the specific one."""
    nonspecific_slope_se: float | None
    reason: str | None = None
