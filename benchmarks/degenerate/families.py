"""The families: how the calibrators are spoiled, what may come of it, and the name of the finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from simulator import Noise, TrueCurve

from benchmarks.degenerate import changes as do
from benchmarks.degenerate.draft import Change
from pipeline.domain.plate import WellState


class Kind(StrEnum):
    """What a family may release."""

    DEGENERATE = "degenerate"
    """Nothing: no titer can be read from such calibrators."""
    INCOMPLETE = "incomplete"
    """Titers between the lowest and the highest usable calibrator, and no others."""
    ONE_WRONG = "one wrong"
    """The same: one level or well is wrong, may be left out, and must not bend the titers."""


def _same(curve: TrueCurve) -> TrueCurve:
    return curve


@dataclass(frozen=True, slots=True)
class Family:
    """One way to spoil a standard curve."""

    name: str
    kind: Kind
    expected: tuple[str, ...]
    """Codes or rules, of which one has to be found; none where the curve may pass as good."""
    change: Change
    curve: Callable[[TrueCurve], TrueCurve] = _same
    """Another true curve, of sera and calibrators alike."""


HIGHEST = 70_000.0
"""The top calibrator of the assay, in its unit."""
QUIET = Noise(well_cv=0.0, well_od=0.0)
SMALL = Noise(well_cv=0.0, well_od=0.004)
FLAT, DIRECTION, SATURATED = ("CURVE_FLAT",), ("CURVE_DIRECTION",), ("CURVE_SATURATED",)
FEW, HOOK, SWAP = ("CURVE_TOO_FEW_LEVELS",), ("CURVE_NONMONOTONE",), ("STANDARD_ORDER_SUSPECT",)
POOR = ("CURVE_POOR", "CAL-03")
DISORDER = (*HOOK, *SWAP, *DIRECTION, *FLAT, *POOR)
NOT_SEEN = ("ASYMPTOTE_NOT_OBSERVED", "LOWER_PART_NOT_OBSERVED")
RECOVERY = ("CAL-02", "CAL-03", "CAL-04", "CAL-12")


def _degenerate() -> tuple[Family, ...]:
    return tuple(
        Family(name, Kind.DEGENERATE, expected, change)
        for name, expected, change in (
            ("constant 0.07", FLAT, do.dead(0.07, QUIET)),
            ("all zero", FLAT, do.dead(0.0, QUIET)),
            ("flat with noise", FLAT, do.dead(0.05, SMALL)),
            ("flat at 1.5 with noise", FLAT, do.dead(1.5, Noise())),
            ("flat at 3.2, the same in all wells", FLAT, do.dead(3.2, QUIET)),
            ("noise around zero, half negative", FLAT, do.dead(0.0, SMALL)),
            ("negative throughout", FLAT, do.dead(-0.3, SMALL)),
            ("tiny span of 0.07", (*FLAT, "CAL-05"), do.scaled(0.02)),
            ("weak: a fifth of the colour", ("CAL-05",), do.scaled(0.2)),
            ("inverted labels", DIRECTION, do.ordered(6, 5, 4, 3, 2, 1, 0)),
            ("falls from the zero standard", DIRECTION, do.competitive),
            ("all above range", SATURATED, do.above_range(7)),
            ("top 4 above range", SATURATED, do.above_range(4)),
            ("top 3 above range", SATURATED, do.above_range(3)),
            ("top 4 printed as 4.000", SATURATED, do.printed(4, 4.0)),
            ("top 4 printed as 3.200", POOR, do.printed(4, 3.2)),
            ("top 2 above range", ("CAL-01",), do.above_range(2)),
            ("five levels", ("CAL-01",), do.lost(5, 6)),
            ("four levels", FEW, do.lost(4, 6)),
            ("three levels", FEW, do.lost(3, 6)),
            ("two levels", FEW, do.lost(1, 5, WellState.UNREADABLE)),
            ("one level", FEW, do.lost(1, 6, WellState.MASKED)),
            ("no level", FEW, do.lost(0, 6)),
            ("hook: top level", HOOK, do.hooked(0.7)),
            ("hook: top two levels", HOOK, do.hooked(0.5, 0.8)),
            ("neighbours swapped", SWAP, do.swapped(1)),
            ("far levels swapped", SWAP, do.swapped(3, 4)),
            ("top and lowest swapped", SWAP, do.ordered(6, 1, 2, 3, 4, 5, 0)),
            ("two pairs swapped", DISORDER, do.ordered(0, 2, 1, 3, 5, 4, 6)),
            ("dip in the middle", DISORDER, do.rewritten(0.83, 0.62, 0.10, 0.08, 0.20, 0.06, 0.01)),
            ("wave", DISORDER, do.rewritten(0.9, 0.3, 0.8, 0.2, 0.7, 0.1, 0.6)),
            ("one dead level", DISORDER, do.dead_level),
            ("random ODs", DISORDER, do.uniform),
            ("random order", DISORDER, do.shuffled),
            ("well CV of 60 %", (*DISORDER, "CAL-04"), do.noise_of(do.HUGE)),
            ("step", POOR, do.rewritten(0.9, 0.9, 0.9, 0.02, 0.02, 0.02, 0.02)),
            ("two steps", POOR, do.rewritten(0.9, 0.9, 0.5, 0.5, 0.5, 0.02, 0.02)),
            ("levels equal in pairs", POOR, do.in_pairs),
            ("three levels wrong", DISORDER, do.amounts(L1=0.45, L3=2.1, L5=0.3)),
            ("two levels wrong", DISORDER, do.amounts(L2=0.4, L4=2.5)),
            ("zero standard above the top", HOOK, do.blanks_read(3.0)),
            ("zero standard contaminated, 1.0", HOOK, do.blanks_read(1.0)),
            ("two-fold steps labelled three-fold", ("CTL-01",), do.every_level(2.0)),
            ("all levels half of their label", ("CTL-01",), do.every_level(3.0, 0.5)),
        )
    )


def _incomplete() -> tuple[Family, ...]:
    return tuple(
        Family(name, Kind.INCOMPLETE, expected, change, curve)
        for name, expected, change, curve in (
            ("good calibrators", (), do.nothing, _same),
            ("no upper plateau", NOT_SEEN[:1], do.nothing, _reached(0.3)),
            ("a straight line", (*NOT_SEEN[:1], *POOR), do.nothing, _reached(0.01)),
            ("no lower plateau", (), do.nothing, _ec50(0.06)),
            ("no lower plateau, no zero standard", (), do.no_blanks, _ec50(0.06)),
            ("only the upper plateau", (*NOT_SEEN[1:], *POOR), do.nothing, _ec50(0.003)),
            ("no zero standard", (), do.no_blanks, _same),
            ("lowest level lost", ("PLT-03",), do.lost(6, 6), _same),
            ("middle level lost", ("PLT-03",), do.middle_lost, _same),
            ("single wells", ("PLT-03",), do.single_wells, _same),
            ("top level above range", ("PLT-02",), do.above_range(1), _same),
            ("one top well above range", ("PLT-02",), do.one_well_above_range, _same),
            ("clipped at 2.5", (), do.ceiling(2.5), _same),
            ("all shifted by -0.1", (), do.shifted(-0.1), _same),
        )
    )


def _one_wrong() -> tuple[Family, ...]:
    return tuple(
        Family(name, Kind.ONE_WRONG, expected, change)
        for name, expected, change in (
            ("one level doubled", RECOVERY, do.one_level(2.0)),
            ("one level halved", RECOVERY, do.one_level(0.5)),
            ("one level from its neighbour's tube", (*RECOVERY, *DISORDER), do.copied),
            ("one well tripled", (*RECOVERY, *DISORDER), do.one_well(3.0)),
            ("one well dead", (*RECOVERY, *DISORDER), do.one_well(0.0)),
        )
    )


def _ec50(factor: float) -> Callable[[TrueCurve], TrueCurve]:
    return lambda curve: replace(curve, ec50=factor * curve.ec50)


def _reached(share: float) -> Callable[[TrueCurve], TrueCurve]:
    """The highest calibrator reads as before, and is only this share of the upper asymptote."""

    def change(curve: TrueCurve) -> TrueCurve:
        top = curve.zero + curve.specific_od(HIGHEST) / share
        return replace(curve, top=top, ec50=HIGHEST * (1 / share - 1) ** (1 / curve.slope))

    return change


FAMILIES: tuple[Family, ...] = (*_degenerate(), *_incomplete(), *_one_wrong())
