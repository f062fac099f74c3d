"""The HNK1 check as an assay declares it: direct binding, inhibition, absorption, or done in another run."""

from __future__ import annotations

import math
import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.domain.declared import Declared, Setting, Text, optional, required

_MAG = re.compile(r"(?i)mag(?![a-z])")
"""Ends a word: MAG, hMAG, rhMAG-Fc."""

CutFrom = Literal["default", "own negatives"]
"""Where the cut-off comes from: a default without published source, or the laboratory's own negative sera."""


class RatioTiers(Declared):
    """Ratio to a calibrator serum in percent: 100 x net HNK1 OD over that serum's at the same dilution."""

    control: Text
    """The control that serves as calibrator."""
    borderline: Setting = required("%")
    positive: Setting = required("%")
    strong: Setting = required("%")

    @model_validator(mode="after")
    def _rising(self) -> RatioTiers:
        if not self.borderline.value <= self.positive.value <= self.strong.value:
            msg = "hnk1.ratio: borderline, positive and strong must rise"
            raise ValueError(msg)
        return self


class Hnk1Direct(Declared):
    """Wells coated with HNK1 (or SGPG), against the antigen-negative wells of the same dilution."""

    format: Literal["direct"]
    antigen: Text = "HNK1"
    positive_od: Setting = required("OD")
    """Net OD from which a sample counts as HNK1-positive."""
    grey_od: Setting = required("OD")
    """Net OD from which a sample is in the grey zone."""
    seen_od: Setting | None = optional("OD")
    """Net OD from which a dilution counts as seen; two that are seen and fall confirm binding."""
    mag_ratio_positive: Setting | None = optional("%")
    """HNK1 over MAG signal, both as concentrations on the MAG curve, from which a serum binds HNK1."""
    mag_ratio_grey: Setting | None = optional("%")
    """The same, from which it is in the grey zone; without these three one dilution's OD decides."""
    cut_from: CutFrom = "default"
    ratio: RatioTiers | None = None

    @property
    def coatings(self) -> tuple[str, ...]:
        """Coatings that this format needs beside the calibrators'."""
        return (self.antigen,)

    @property
    def treatments(self) -> tuple[str, ...]:
        """Words that the layout's block ``competitor`` may hold."""
        return ()

    @property
    def mag_ratio(self) -> tuple[float, float]:
        """(positive, grey), percent; out of reach where the assay does not declare them."""
        positive, grey = self.mag_ratio_positive, self.mag_ratio_grey
        return (positive.value, grey.value) if positive is not None and grey is not None else (math.inf, 0.0)

    @property
    def cut(self) -> tuple[Setting, Setting]:
        """(positive, grey)."""
        return self.positive_od, self.grey_od

    @model_validator(mode="after")
    def _ordered(self) -> Hnk1Direct:
        _check_order(self)
        together = (self.seen_od, self.mag_ratio_positive, self.mag_ratio_grey)
        if any(together) and not all(together):
            msg = "hnk1: seen_od, mag_ratio_positive and mag_ratio_grey belong together"
            raise ValueError(msg)
        return self


class _TakenAway(Declared):
    """Judged by the percent of the MAG signal that HNK1 takes away, on the calibrators' own coating."""

    positive_percent: Setting = required("%")
    grey_percent: Setting = required("%")
    cut_from: CutFrom = "default"

    @property
    def coatings(self) -> tuple[str, ...]:
        """None beyond the calibrators'."""
        return ()

    @property
    def cut(self) -> tuple[Setting, Setting]:
        """(positive, grey)."""
        return self.positive_percent, self.grey_percent

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _check_order(self)
        return self


class Hnk1Inhibition(_TakenAway):
    """Serum with soluble HNK1 or a mimetic, on the calibrators' antigen, against the same serum without."""

    format: Literal["inhibition"]
    competitor: Text
    """Word in the layout's block ``competitor``."""
    competitor_form: Literal["monomer", "polymer", "antibody"]
    """A monomer inhibits weakly (Herrendorff 2017): little inhibition by one is no evidence against HNK1."""
    competitor_concentration: Setting
    window_low: Setting = required("fraction")
    window_high: Setting = required("fraction")
    """The uninhibited signal lies between these shares of the curve's span at the dilution that is used."""
    mock: str | None = None
    """Word in the layout for wells with an irrelevant competitor."""
    mock_max_percent: Setting | None = optional("%")
    """Largest inhibition, in size, by the mock competitor."""

    @property
    def treatments(self) -> tuple[str, ...]:
        """Words that the layout's block ``competitor`` may hold."""
        return (self.competitor, self.mock) if self.mock is not None else (self.competitor,)

    @model_validator(mode="after")
    def _window_and_mock(self) -> Hnk1Inhibition:
        if not 0 <= self.window_low.value < self.window_high.value <= 1:
            msg = "hnk1: window_low must be below window_high, both between 0 and 1"
            raise ValueError(msg)
        if (self.mock is None) != (self.mock_max_percent is None):
            msg = "hnk1.mock and hnk1.mock_max_percent belong together"
            raise ValueError(msg)
        return self


class Hnk1Absorption(_TakenAway):
    """Serum after beads that carry HNK1, against the same serum before, over the whole dilution series."""

    format: Literal["absorption"]
    treated: Text
    """Word in the layout's block ``competitor`` for the serum after beads."""

    @property
    def treatments(self) -> tuple[str, ...]:
        """Words that the layout's block ``competitor`` may hold."""
        return (self.treated,)


class Hnk1OtherRun(Declared):
    """No HNK1 wells here: the result of the same sample id in a run of another assay."""

    format: Literal["other run"]
    assay: Text
    """Name of the assay whose runs hold the HNK1 results; it must measure HNK1 itself."""
    max_days: Setting | None = optional("days")
    """Days from the processing of that run to the processing of this one, at most; None: any."""
    source: Text
    """Why the two may be joined, such as the laboratory's rule that a sample id is never used twice."""

    @property
    def coatings(self) -> tuple[str, ...]:
        """None beyond the calibrators'."""
        return ()

    @property
    def treatments(self) -> tuple[str, ...]:
        """None."""
        return ()


Hnk1 = Annotated[Hnk1Direct | Hnk1Inhibition | Hnk1Absorption | Hnk1OtherRun, Field(discriminator="format")]


def is_mag(antigen: str) -> bool:
    """Is it the myelin-associated glycoprotein, whose antibodies are confirmed by HNK1?"""
    return _MAG.search(antigen) is not None


def _check_order(declared: Hnk1Direct | _TakenAway) -> None:
    positive, grey = declared.cut
    if grey.value > positive.value:
        msg = "hnk1: the grey zone must not begin above the positive limit"
        raise ValueError(msg)
