"""What is true about a simulated plate. OD has no unit; titers are in the assay's unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.domain.assay import Assay
from pipeline.domain.wells import Well

NSB_DILUTION = 1000.0
"""Reciprocal dilution at which ``SerumTruth.nsb_od`` holds."""


@dataclass(frozen=True, slots=True)
class TrueCurve:
    """Net OD (450 minus 620 nm) against concentration in the calibrators' unit.

    ``zero`` is the OD without antibody, ``top`` the plateau, ``ec50`` the parameter C, ``slope`` B and
    ``asymmetry`` G of zero + (top - zero) (1 - (1 + (c/C)^B)^-G): a 4PL when G is 1.
    """

    zero: float = 0.03
    top: float = 3.3
    ec50: float = 15_000.0
    slope: float = 1.05
    asymmetry: float = 1.0

    def specific_od(self, concentration: float) -> float:
        """OD above ``zero`` that the antibody adds; 0 at concentration 0."""
        bound = 1.0 + (concentration / self.ec50) ** self.slope
        return float((self.top - self.zero) * (1.0 - bound**-self.asymmetry))


@dataclass(frozen=True, slots=True)
class Hook:
    """Prozone: the specific signal is multiplied by 1 / (1 + (c / half)^steepness).

    ``half`` is in the calibrators' unit, as the serum is diluted in the well.
    """

    half: float
    steepness: float = 4.0

    def factor(self, concentration: float) -> float:
        """Share of the specific signal that is left, 0 to 1."""
        return float(1.0 / (1.0 + (concentration / self.half) ** self.steepness))


@dataclass(frozen=True, slots=True)
class SerumTruth:
    """One serum.

    ``nsb_od`` is the OD that sticks without antigen at 1:1000; it falls with dilution to the power
    ``-nsb_gamma``, more slowly than specific binding. ``hnk1_affinity`` multiplies the specific signal in
    HNK1 wells. ``expected_class`` and ``expected_flags`` (at least these) are what a correct evaluation
    says on a valid plate.
    """

    titer: float
    expected_class: str
    nsb_od: float = 0.02
    nsb_gamma: float = 0.5
    hnk1_affinity: float = 0.0
    hnk1_share: float = 0.0
    """Share of the MAG-binding antibody that soluble HNK1 blocks, or HNK1 beads take out, 0 to 1."""
    hook: Hook | None = None
    expected_flags: tuple[str, ...] = ()
    expected_qualifier: str | None = "="
    """``>=`` above the curve; None where "=" and "<" are both right, because the titer means nothing."""
    about: str = ""
    """In words, for people who read the sample data."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What blurs the truth. CVs are fractions (0.03 is 3 %), the others OD."""

    step_cv: float = 0.025
    """One pipetting step of a serial dilution, from serum to the first dilution included."""
    calibrator_cv: float = 0.015
    """One calibrator level, common to its wells."""
    well_cv: float = 0.04
    well_od: float = 0.004
    reference_od: float = 0.0395
    """Plastic and liquid at both wavelengths."""
    reference_sd: float = 0.0015
    """Between wells, common to both wavelengths."""
    read_sd: float = 0.0003
    """One read of one well at one wavelength."""


@dataclass(frozen=True, slots=True)
class PlateReader:
    """Above ``ceiling`` the reader prints the ceiling itself, or a word in place of a number."""

    ceiling: float = 4.0
    overflow_word: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that went wrong in some wells.

    The amount of serum or calibrator is multiplied by ``amount``, the whole signal above the plastic by
    ``signal`` (0 is a well that got no conjugate), and ``added_od`` comes on top.
    """

    name: str
    wells: frozenset[Well]
    amount: float = 1.0
    signal: float = 1.0
    added_od: float = 0.0


@dataclass(frozen=True, slots=True)
class PlateTruth:
    """Everything that is true about one plate.

    ``sera`` maps slots to sera; a slot without one was left empty. ``controls`` maps control names.
    ``hnk1_curve`` is the scale of the HNK1 wells.
    """

    sera: Mapping[str, SerumTruth]
    controls: Mapping[str, SerumTruth] = field(default_factory=dict)
    curve: TrueCurve = TrueCurve()
    hnk1_curve: TrueCurve = TrueCurve(top=2.8, ec50=18_000.0)
    noise: Noise = Noise()
    reader: PlateReader = PlateReader()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class WellOd:
    """One well as read. ``od450`` is None where the reader prints a word for "above its range"."""

    od450: float | None
    od620: float

    @property
    def overflow(self) -> bool:
        """Did the reader give up?"""
        return self.od450 is None

    def net(self) -> float | None:
        """450 minus 620 nm; None without a number."""
        return None if self.od450 is None else self.od450 - self.od620


def control_truths(assay: Assay) -> dict[str, SerumTruth]:
    """Controls that are what the assay declares: at target, with the declared HNK1 status."""
    return {
        name: SerumTruth(
            titer=control.target or 0.0,
            expected_class=control.kind,
            nsb_od=0.015 if assay.antigen_negative is not None else 0.0,
            hnk1_affinity=1.1 if control.hnk1 == "positive" else 0.0,
            hnk1_share=0.9 if control.hnk1 == "positive" else 0.0,
            about=f"{control.kind} control",
        )
        for name, control in assay.controls.items()
    }
