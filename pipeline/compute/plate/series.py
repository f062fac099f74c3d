"""The dilution series of one sample or control: its wells, dilution by dilution, before any curve is used."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.compute.plate.background import Signal, difference, mean_signal
from pipeline.compute.plate.readings import Signals
from pipeline.compute.plate.replicates import replicates_agree
from pipeline.domain.assay import Assay
from pipeline.domain.hnk1 import Hnk1Direct
from pipeline.domain.layout import PlateLayout, Role
from pipeline.domain.plate import WellState
from pipeline.domain.results import ReplicatePrecision
from pipeline.domain.wells import Well


@dataclass(frozen=True, slots=True)
class WellGroup:
    """Replicate wells of one dilution and antigen."""

    wells: tuple[Well, ...]
    ods: tuple[float, ...]
    """OD of the usable wells."""
    above_range: int
    """Wells above the reader's range."""

    @property
    def saturated(self) -> bool:
        """A replicate above the reader's range makes the mean of the others too low."""
        return self.above_range > 0


@dataclass(frozen=True, slots=True)
class TreatedWells:
    """Wells of a dilution whose serum was treated: with a competitor, a mock competitor, or by beads."""

    main: Signal | None
    negative: Signal | None
    """Antigen-negative wells of the treated serum; those of the plain serum where it has none of its own."""
    shared_negative: bool
    saturated: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One dilution of a series. ``dilution`` is the reciprocal on the plate."""

    dilution: float
    groups: Mapping[str, WellGroup]
    """By condition: the coating, and the treatment where there is one."""
    main: Signal | None
    """Antigen wells."""
    negative: Signal | None
    """Antigen-negative wells."""
    net: Signal | None
    """Main minus negative; the main signal itself for an assay without antigen-negative wells."""
    hnk1: Signal | None
    """HNK1 wells minus antigen-negative wells."""
    treated: Mapping[str, TreatedWells]
    """By treatment, as the assay's HNK1 check declares them."""
    saturated: bool
    """An antigen well is above the reader's range."""
    negative_saturated: bool
    """An antigen-negative well is above the reader's range: binding without any antigen."""
    disagree: bool
    """The replicate rule fails for the antigen or antigen-negative wells."""
    negative_borrowed: bool = False
    """The antigen-negative signal is a neighbouring dilution's."""
    further_variance: float = 0.0
    """Of the antigen-negative signal beyond its wells': borrowed, or corrected for the coating; OD²."""


@dataclass(frozen=True, slots=True)
class Series:
    """All dilutions of one slot or control, most concentrated first."""

    name: str
    steps: tuple[Step, ...]
    has_negative: bool
    """Is there at least one antigen-negative well (or does the assay need none)?"""
    places: tuple[int, ...] = ()
    """Place of each dilution in the serial dilution, from 1, where some are missing here."""

    @property
    def numbers(self) -> Sequence[int]:
        """Steps of the serial dilution up to each, the first from the serum included."""
        return self.places or range(1, len(self.steps) + 1)


NO_WELLS = WellGroup((), (), 0)


def build_series(
    names: Sequence[tuple[Role, str]],
    signals: Signals,
    layout: PlateLayout,
    assay: Assay,
    precision: ReplicatePrecision,
    coating: Signal | None = None,
) -> list[Series]:
    """Collect the wells of each slot or control.

    Args:
        names: role and name of each.
        signals: of all wells.
        layout: what is in which well.
        assay: names the coatings.
        precision: error of a well.
        coating: what a well with antigen reads more than one without before any serum; None corrects nothing.
    """
    wells = _wells_of(names, layout)
    return [_one_series(name, wells[role, name], signals, assay, precision, coating) for role, name in names]


def _wells_of(
    names: Sequence[tuple[Role, str]], layout: PlateLayout
) -> dict[tuple[Role, str], dict[float, dict[str, list[Well]]]]:
    """Slot or control -> dilution -> condition -> wells, row by row."""
    found: dict[tuple[Role, str], dict[float, dict[str, list[Well]]]] = {name: {} for name in names}
    for well in sorted(layout.uses):
        use = layout.uses[well]
        by_dilution = found.get((use.role, use.name))
        if by_dilution is not None:
            by_dilution.setdefault(use.dilution or 1.0, {}).setdefault(use.condition, []).append(well)
    return found


def _one_series(
    name: str,
    wells: Mapping[float, Mapping[str, Sequence[Well]]],
    signals: Signals,
    assay: Assay,
    precision: ReplicatePrecision,
    coating: Signal | None,
) -> Series:
    steps = tuple(
        _coating_corrected(_step(dilution, of_dilution, signals, assay, precision), coating)
        for dilution, of_dilution in sorted(wells.items())
    )
    needs = assay.antigen_negative
    if needs is not None and needs.missing == "neighbour":
        steps = tuple(with_borrowed_negatives(steps))
    return Series(name, steps, needs is None or any(step.negative is not None for step in steps))


def _coating_corrected(step: Step, coating: Signal | None) -> Step:
    """The antigen-negative signal as it would be on the coating of the antigen wells."""
    if coating is None or step.negative is None:
        return step
    negative = Signal(step.negative.od + coating.od, math.hypot(step.negative.se, coating.se))
    net = difference(step.main, negative)
    return replace(step, negative=negative, net=net, further_variance=coating.se**2)


def with_borrowed_negatives(steps: Sequence[Step]) -> Iterator[Step]:
    """Give a dilution that lost its antigen-negative wells its neighbours' signal, with its uncertainty.

    Between two neighbours: their mean, with half of their difference as further error; beside one: its
    signal, with half of its size. Both are choices of this project. Without a neighbour it stays without.
    """
    for at, step in enumerate(steps):
        beside = [steps[k].negative for k in (at - 1, at + 1) if 0 <= k < len(steps)]
        known = [signal for signal in beside if signal is not None]
        if step.negative is not None or step.negative_saturated or not known:
            yield step
            continue
        od = sum(signal.od for signal in known) / len(known)
        apart = abs(known[0].od - known[-1].od) if len(known) > 1 else od
        borrowed = Signal(od, math.hypot(max(signal.se for signal in known), apart / 2))
        yield replace(
            step,
            negative=borrowed,
            net=difference(step.main, borrowed),
            negative_borrowed=True,
            further_variance=borrowed.se**2,
        )


def _step(
    dilution: float,
    wells: Mapping[str, Sequence[Well]],
    signals: Signals,
    assay: Assay,
    precision: ReplicatePrecision,
) -> Step:
    groups = {condition: well_group(members, signals) for condition, members in wells.items()}
    main_group = groups.get(assay.calibration.antigen, NO_WELLS)
    main = mean_signal(main_group.ods, precision)
    negative = hnk1 = None
    negative_group = NO_WELLS
    if assay.antigen_negative is not None:
        negative_group = groups.get(assay.antigen_negative.antigen, NO_WELLS)
        negative = mean_signal(negative_group.ods, precision)
    if isinstance(assay.hnk1, Hnk1Direct):
        hnk1 = _agreeing(groups.get(assay.hnk1.antigen, NO_WELLS), assay, precision)
    steering = assay.steering
    return Step(
        dilution=dilution,
        groups=groups,
        main=main,
        negative=negative,
        net=main if assay.antigen_negative is None else difference(main, negative),
        hnk1=difference(hnk1, negative),
        treated=_treated(groups, negative, assay, precision),
        saturated=main_group.saturated,
        negative_saturated=negative_group.saturated,
        disagree=not all(replicates_agree(g.ods, steering) for g in (main_group, negative_group)),
    )


def _agreeing(group: WellGroup, assay: Assay, precision: ReplicatePrecision) -> Signal | None:
    """Mean of wells that agree; replicates that do not are no reading."""
    return mean_signal(group.ods, precision) if replicates_agree(group.ods, assay.steering) else None


def _treated(
    groups: Mapping[str, WellGroup], negative: Signal | None, assay: Assay, precision: ReplicatePrecision
) -> dict[str, TreatedWells]:
    if assay.hnk1 is None or assay.antigen_negative is None:
        return {}
    found = {}
    for treatment in assay.hnk1.treatments:
        main = groups.get(f"{assay.calibration.antigen} + {treatment}", NO_WELLS)
        own = mean_signal(
            groups.get(f"{assay.antigen_negative.antigen} + {treatment}", NO_WELLS).ods, precision
        )
        if main.wells:
            signal = _agreeing(main, assay, precision)
            found[treatment] = TreatedWells(signal, own or negative, own is None, main.saturated)
    return found


def well_group(wells: Sequence[Well], signals: Signals) -> WellGroup:
    """Sort replicate wells into usable ODs and wells above the reader's range."""
    found = [signals.wells.get(well) for well in wells]
    ods = tuple(s.od for s in found if s is not None and s.usable and s.od is not None)
    above = sum(s is not None and s.state is WellState.ABOVE_RANGE for s in found)
    return WellGroup(tuple(wells), ods, above)
