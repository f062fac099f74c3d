"""The dilution series of one sample or control: its wells, dilution by dilution, before any curve is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.compute.background import Signal, difference, mean_signal
from pipeline.compute.readings import Signals
from pipeline.compute.replicates import replicates_agree
from pipeline.domain.assay import Assay
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
class Step:
    """One dilution of a series. ``dilution`` is the reciprocal on the plate."""

    dilution: float
    groups: Mapping[str, WellGroup]
    main: Signal | None
    """Antigen wells."""
    negative: Signal | None
    """Antigen-negative wells."""
    net: Signal | None
    """Main minus negative; the main signal itself for an assay without antigen-negative wells."""
    hnk1: Signal | None
    """HNK1 wells minus antigen-negative wells."""
    saturated: bool
    """An antigen well is above the reader's range."""
    negative_saturated: bool
    """An antigen-negative well is above the reader's range: binding without any antigen."""
    disagree: bool
    """The replicate rule fails for the antigen or antigen-negative wells."""


@dataclass(frozen=True, slots=True)
class Series:
    """All dilutions of one slot or control, most concentrated first."""

    name: str
    steps: tuple[Step, ...]
    has_negative: bool
    """Is there at least one antigen-negative well (or does the assay need none)?"""


def build_series(
    names: Sequence[tuple[Role, str]],
    signals: Signals,
    layout: PlateLayout,
    assay: Assay,
    precision: ReplicatePrecision,
) -> list[Series]:
    """Collect the wells of each slot or control."""
    wells = _wells_of(names, layout)
    return [_one_series(name, wells[role, name], signals, assay, precision) for role, name in names]


def _wells_of(
    names: Sequence[tuple[Role, str]], layout: PlateLayout
) -> dict[tuple[Role, str], dict[float, dict[str, list[Well]]]]:
    """Slot or control -> dilution -> antigen -> wells, row by row."""
    found: dict[tuple[Role, str], dict[float, dict[str, list[Well]]]] = {name: {} for name in names}
    for well in sorted(layout.uses):
        use = layout.uses[well]
        by_dilution = found.get((use.role, use.name))
        if by_dilution is not None:
            by_dilution.setdefault(use.dilution or 1.0, {}).setdefault(use.antigen, []).append(well)
    return found


def _one_series(
    name: str,
    wells: Mapping[float, Mapping[str, Sequence[Well]]],
    signals: Signals,
    assay: Assay,
    precision: ReplicatePrecision,
) -> Series:
    steps = tuple(
        _step(dilution, of_dilution, signals, assay, precision)
        for dilution, of_dilution in sorted(wells.items())
    )
    needs = assay.antigen_negative is not None
    return Series(name, steps, not needs or any(step.negative is not None for step in steps))


def _step(
    dilution: float,
    wells: Mapping[str, Sequence[Well]],
    signals: Signals,
    assay: Assay,
    precision: ReplicatePrecision,
) -> Step:
    groups = {antigen: well_group(members, signals) for antigen, members in wells.items()}
    nothing = WellGroup((), (), 0)
    main_group = groups.get(assay.calibration.antigen, nothing)
    main = mean_signal(main_group.ods, precision)
    negative = hnk1 = None
    negative_group = nothing
    if assay.antigen_negative is not None:
        negative_group = groups.get(assay.antigen_negative.antigen, nothing)
        negative = mean_signal(negative_group.ods, precision)
    if assay.hnk1 is not None:
        hnk1 = mean_signal(groups.get(assay.hnk1.antigen, nothing).ods, precision)
    return Step(
        dilution=dilution,
        groups=groups,
        main=main,
        negative=negative,
        net=main if assay.antigen_negative is None else difference(main, negative),
        hnk1=difference(hnk1, negative),
        saturated=main_group.saturated,
        negative_saturated=negative_group.saturated,
        disagree=not all(replicates_agree(g.ods, assay.limits) for g in (main_group, negative_group)),
    )


def well_group(wells: Sequence[Well], signals: Signals) -> WellGroup:
    """Sort replicate wells into usable ODs and wells above the reader's range."""
    found = [signals.wells.get(well) for well in wells]
    ods = tuple(s.od for s in found if s is not None and s.usable and s.od is not None)
    above = sum(s is not None and s.state is WellState.ABOVE_RANGE for s in found)
    return WellGroup(tuple(wells), ods, above)
