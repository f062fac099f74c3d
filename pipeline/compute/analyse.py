"""The whole assay, read aloud: signals, precision, curve, controls, samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.compute.curve.curves import StandardCurve, standard_curve
from pipeline.compute.curve.inverse import back_calculate
from pipeline.compute.curve.result import CalibratorWells
from pipeline.compute.hnk1.titers import hnk1_titers
from pipeline.compute.plate.coatings import bare_od, coating_correction
from pipeline.compute.plate.facts import PlateFacts, floor_on
from pipeline.compute.plate.own_curve import curve_of_sera
from pipeline.compute.plate.patterns import plate_patterns
from pipeline.compute.plate.readings import Signals, WellSignal, plate_signals
from pipeline.compute.plate.replicates import Replicates, plate_precision
from pipeline.compute.plate.series import Series, Step, build_series, well_group
from pipeline.compute.sample.samples import analyse_sample
from pipeline.compute.titer.back_calculated import back_calculate_series
from pipeline.compute.titer.cutoffs import negative_limits
from pipeline.compute.titer.error_components import ErrorComponents, declared
from pipeline.compute.titer.increments import STEP
from pipeline.compute.titer.reach import reach
from pipeline.compute.titer.series_titers import joint_titers
from pipeline.domain.assay import Assay, Control
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.unused import CurvePlace, WellUnused
from pipeline.domain.curve_results import Reach
from pipeline.domain.history import StepError
from pipeline.domain.hnk1 import Hnk1Direct
from pipeline.domain.layout import PlateLayout, Role, SampleEntry, WellUse
from pipeline.domain.message import Message
from pipeline.domain.plate import PlateRead
from pipeline.domain.results import (
    BlankResult,
    ControlResult,
    NegativeLimit,
    PlateResult,
    ReplicatePrecision,
    SampleResult,
    WellResult,
)
from pipeline.domain.specificity import Hnk1Result
from pipeline.domain.wells import Well, plate_wells
from pipeline.errors import InputError


def analyse(
    read: PlateRead,
    layout: PlateLayout,
    assay: Assay,
    entries: Mapping[str, SampleEntry],
    other_results: Mapping[str, Hnk1Result] | None = None,
) -> PlateResult:
    """Compute one plate; nothing is judged here.

    Args:
        read: the plate as read.
        layout: what is in which well.
        assay: how it is evaluated.
        entries: slot -> sample; a slot without an entry was left empty in this run.
        other_results: sample id -> HNK1 result of another run, for an assay that asks for one.

    Raises:
        InputError: when the plate does not fit the layout or lacks the assay's reading.
    """
    _same_shape(read, layout)
    signals = plate_signals(read, assay)
    precision, replicates = plate_precision(_replicate_groups(signals, layout, entries))
    sera = _sera(layout, assay, entries)
    coating = coating_correction(signals, layout, assay, precision)
    series = build_series([where for where, _ in sera], signals, layout, assay, precision, coating)
    curve = _curve(series, signals, layout, assay, precision)
    limits = negative_limits(dict(zip(assay.controls, series, strict=False)), curve, assay)
    calculated = back_calculate_series(
        series, [entry for _, entry in sera], curve, assay, limits, len(assay.controls)
    )
    titers, errors = joint_titers(calculated, curve, assay, _known_errors(assay, precision, replicates))
    hnk1 = hnk1_titers(calculated, curve, assay, errors, precision)
    facts = PlateFacts(
        curve,
        assay,
        precision,
        precision.df or max(curve.result.residual_df, 1),
        float(errors.variance[STEP]),
        floor_on(curve, assay),
        _hnk1_calibrator(series, assay),
        bare_od(signals, layout, assay, precision, curve),
        _by_slot(entries, other_results or {}, assay),
    )
    results = [analyse_sample(*one, facts) for one in zip(calculated, titers, hnk1, strict=True)]
    controls = [
        _control(*named, result) for named, result in zip(assay.controls.items(), results, strict=False)
    ]
    return PlateResult(
        reading=signals.choice,
        wells=_well_results(signals, layout, assay, entries, curve),
        blanks=_blanks(signals, layout),
        precision=precision,
        curves=(curve.result,),
        controls=tuple(controls),
        samples=tuple(results[len(controls) :]),
        step_error=_step_error(assay, errors, series),
        negative_limits=limits,
        reach=_reach(curve, layout, assay, limits),
        patterns=plate_patterns(signals, layout, entries, precision),
        accounting=read.accounting(),
    )


def _known_errors(
    assay: Assay, precision: ReplicatePrecision, replicates: Replicates | None
) -> ErrorComponents:
    """What is known of the errors before the series are looked at."""
    return declared(precision, assay.dilution.step_cv.value, assay.dilution.step_cv_df, replicates)


def _curve(
    series: Sequence[Series],
    signals: Signals,
    layout: PlateLayout,
    assay: Assay,
    precision: ReplicatePrecision,
) -> StandardCurve:
    """Made by the calibrators, or by the sera of an assay without any."""
    blanks = _blank_ods(signals, layout, assay)
    if assay.has_calibrators:
        return standard_curve(_calibrators(signals, layout, assay), blanks, assay, precision)
    return curve_of_sera(series, blanks, assay, precision)


def _reach(
    curve: StandardCurve, layout: PlateLayout, assay: Assay, limits: Sequence[NegativeLimit]
) -> Reach | None:
    return (
        reach(curve.fit.theta, curve.result.range, layout, assay, limits) if curve.fit is not None else None
    )


def _hnk1_calibrator(series: Sequence[Series], assay: Assay) -> Sequence[Step]:
    """Dilutions of the control that HNK1 signals are compared with; the controls come first."""
    ratio = assay.hnk1.ratio if isinstance(assay.hnk1, Hnk1Direct) else None
    return () if ratio is None else series[list(assay.controls).index(ratio.control)].steps


def _by_slot(
    entries: Mapping[str, SampleEntry], other_results: Mapping[str, Hnk1Result], assay: Assay
) -> dict[str, Hnk1Result]:
    """HNK1 results of other runs by slot; a control is never joined."""
    joined = {slot: other_results.get(entry.sample_id) for slot, entry in entries.items()}
    return {slot: found for slot, found in joined.items() if found is not None and slot not in assay.controls}


def _sera(
    layout: PlateLayout, assay: Assay, entries: Mapping[str, SampleEntry]
) -> list[tuple[tuple[Role, str], SampleEntry]]:
    """All sera of the plate: the controls in the assay's order, then the samples in the layout's."""
    controls = [((Role.CONTROL, name), SampleEntry(name, name)) for name in assay.controls]
    slots = [slot for slot in layout.names(Role.SAMPLE) if slot in entries]
    return controls + [((Role.SAMPLE, slot), entries[slot]) for slot in slots]


def _step_error(assay: Assay, errors: ErrorComponents, series: Sequence[Series]) -> StepError:
    return StepError(
        declared_cv_percent=assay.dilution.step_cv.value,
        declared_df=assay.dilution.step_cv_df,
        cv_percent=errors.step_cv_percent,
        df=errors.step_df,
        increments=errors.increments,
        left_out=tuple(series[k].name for k in errors.left_out),
        likelihood=errors.step_likelihood,
    )


def _same_shape(read: PlateRead, layout: PlateLayout) -> None:
    if (read.rows, read.columns) != (layout.rows, layout.columns):
        raise InputError(
            "PLATE_SHAPE",
            Message("plate '{plate}' has another size than the layout", plate=read.name),
            found=Message("{n:n} x {m:n} wells", n=read.rows, m=read.columns),
            expected=Message("{n:n} x {m:n} wells", n=layout.rows, m=layout.columns),
            action="Drop the export in the inbox of the assay that it was measured for.",
        )


def _replicate_groups(
    signals: Signals, layout: PlateLayout, entries: Mapping[str, SampleEntry]
) -> list[tuple[float, ...]]:
    """ODs of wells that should read alike: same role, name, antigen and dilution."""
    groups: dict[WellUse, list[Well]] = {}
    for well, use in layout.uses.items():
        if use.role is not Role.SAMPLE or use.name in entries:
            groups.setdefault(use, []).append(well)
    return [well_group(wells, signals).ods for wells in groups.values()]


def _calibrators(signals: Signals, layout: PlateLayout, assay: Assay) -> list[CalibratorWells]:
    return [
        CalibratorWells(level, nominal, *_used_and_lost(layout.wells(Role.CALIBRATOR, level), signals))
        for level, nominal in assay.calibration.levels.items()
    ]


def _used_and_lost(
    wells: Sequence[Well], signals: Signals
) -> tuple[tuple[float, ...], tuple[tuple[str, WellUnused], ...]]:
    lost = tuple(
        (well.name, _lost(signals.wells.get(well)))
        for well in wells
        if not (well in signals.wells and signals.wells[well].usable)
    )
    return well_group(wells, signals).ods, lost


def _lost(signal: WellSignal | None) -> WellUnused:
    if signal is None or signal.state is None:
        return WellUnused.NOT_IN_EXPORT
    return WellUnused(signal.state)


def _blank_ods(signals: Signals, layout: PlateLayout, assay: Assay) -> tuple[float, ...]:
    wells = [w for w in layout.wells(Role.BLANK) if layout.uses[w].antigen == assay.calibration.antigen]
    return well_group(wells, signals).ods


def _blanks(signals: Signals, layout: PlateLayout) -> tuple[BlankResult, ...]:
    by_antigen: dict[str, list[Well]] = {}
    for well in layout.wells(Role.BLANK):
        by_antigen.setdefault(layout.uses[well].antigen, []).append(well)
    return tuple(
        _blank(antigen, wells, well_group(wells, signals).ods) for antigen, wells in by_antigen.items()
    )


def _blank(antigen: str, wells: Sequence[Well], ods: Sequence[float]) -> BlankResult:
    return BlankResult(
        antigen=antigen,
        wells=tuple(well.name for well in wells),
        mean_od=float(np.mean(ods)) if ods else None,
        sd_od=float(np.std(ods, ddof=1)) if len(ods) > 1 else None,
        n=len(ods),
    )


def _control(name: str, control: Control, result: SampleResult) -> ControlResult:
    exact = result.titer.value is not None and result.titer.qualifier is Qualifier.MEASURED
    recovery = (
        100 * result.titer.value / control.target
        if exact and control.target and result.titer.value is not None
        else None
    )
    return ControlResult(name, control.kind, control.target, control.hnk1, recovery, result)


def _well_results(
    signals: Signals,
    layout: PlateLayout,
    assay: Assay,
    entries: Mapping[str, SampleEntry],
    curve: StandardCurve,
) -> tuple[WellResult, ...]:
    concentrations = _well_concentrations(signals, layout, assay, curve)
    return tuple(
        _well_result(well, signals.wells.get(well), layout.uses.get(well), entries, concentrations.get(well))
        for well in plate_wells(layout.rows, layout.columns)
    )


def _well_result(
    well: Well,
    signal: WellSignal | None,
    use: WellUse | None,
    entries: Mapping[str, SampleEntry],
    concentration: tuple[float | None, CurvePlace] | None,
) -> WellResult:
    empty_slot = use is not None and use.role is Role.SAMPLE and use.name not in entries
    used = use is not None and not empty_slot and signal is not None and signal.usable
    unused = None
    if use is not None and not used:
        unused = WellUnused.EMPTY_SLOT if empty_slot else _lost(signal)
    return WellResult(
        well=well.name,
        role=use.role.value if use is not None else None,
        name=use.name or None if use is not None else None,
        antigen=use.antigen if use is not None else None,
        dilution=use.dilution if use is not None else None,
        raw_od=signal.raw_od if signal is not None else None,
        reference_od=signal.reference_od if signal is not None else None,
        od=signal.od if signal is not None else None,
        state=WellUnused(signal.state) if signal is not None and signal.state is not None else None,
        used=used,
        reason=unused.means.words if unused is not None else None,
        concentration=concentration[0] if concentration is not None else None,
        concentration_state=concentration[1] if concentration is not None else None,
        unused=unused,
        competitor=use.competitor if use is not None else None,
    )


def _well_concentrations(
    signals: Signals, layout: PlateLayout, assay: Assay, curve: StandardCurve
) -> dict[Well, tuple[float | None, CurvePlace]]:
    """Each usable well on the calibrators' antigen, read from the curve alone (nothing subtracted)."""
    if curve.fit is None:
        return {}
    wells = [
        well
        for well, use in layout.uses.items()
        if use.antigen == assay.calibration.antigen and well in signals.wells and signals.wells[well].usable
    ]
    found = back_calculate(curve.fit, np.array([signals.wells[well].od for well in wells], dtype=float))
    low, high = curve.range_ln or (np.inf, -np.inf)
    states: dict[Well, tuple[float | None, CurvePlace]] = {}
    for well, ln_x, below, above in zip(wells, found.ln_x, found.below, found.above, strict=True):
        if below or above:
            states[well] = (None, CurvePlace.BELOW_CURVE if below else CurvePlace.ABOVE_CURVE)
        elif curve.range_ln is None:
            states[well] = (float(np.exp(ln_x)), CurvePlace.NO_WORKING_RANGE)
        else:
            states[well] = (float(np.exp(ln_x)), _place(float(ln_x), low, high))
    return states


def _place(ln_x: float, low: float, high: float) -> CurvePlace:
    if ln_x < low:
        return CurvePlace.BELOW_LLOQ
    return CurvePlace.ABOVE_ULOQ if ln_x > high else CurvePlace.IN_RANGE
