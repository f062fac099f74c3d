"""What must hold for every plate and every curve, whatever the numbers are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipeline.compute.analyse import analyse
from pipeline.compute.curve.models import LN_ASYMMETRY, LOWER, MODELS, UPPER, curve, inverse
from pipeline.compute.curve.simple import fit_line, fit_log_log
from pipeline.definitions import AssayDefinition
from pipeline.domain.assay import Assay
from pipeline.domain.layout import PlateLayout, SampleEntry, WellUse
from pipeline.domain.plate import PlateRead
from pipeline.domain.results import PlateResult, SampleResult
from pipeline.domain.wells import Well

SLOTS = ("S1", "S2", "S3", "S4")
TITERS = (900.0, 4_000.0, 30_000.0, 300_000.0)
WELL_CV = 0.04
PLATES = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # the plate maker keeps no state
)
FITTED = 1e-7
"""A curve fitted again is the same to this: lmfit ends where the cost, flat at its minimum, stands still."""
CURVES = settings(max_examples=200, deadline=None, derandomize=True)


class Bench:
    """The shipped assay and plates of it; no dataclass, whose repr would fill pages where a test fails."""

    def __init__(self, definition: AssayDefinition, plates: Any, serum: Any) -> None:
        """Take the assay and the makers of plates and sera."""
        self.layout, self.assay = definition.layout, definition.assay
        self.plates, self.serum = plates, serum

    def read(self, seed: int) -> PlateRead:
        """Four sera from weak to strong, every well with an error of its own."""
        rng = np.random.default_rng(seed)

        def change(_: Well, __: WellUse, od: float) -> float:
            return od * (1 + WELL_CV * float(np.clip(rng.standard_normal(), -2, 2)))

        sera = {slot: self.serum(titer=titer, hnk1=0.8) for slot, titer in zip(SLOTS, TITERS, strict=True)}
        read: PlateRead = self.plates.read(sera, change)
        return read


@pytest.fixture
def bench(flagship: AssayDefinition, plates: Any, serum: Any) -> Bench:
    """Plates of the shipped assay."""
    return Bench(flagship, plates, serum)


def evaluated(read: PlateRead, layout: PlateLayout, assay: Assay, prior: float = 1.0) -> PlateResult:
    """Compute a plate with four sera."""
    entries = {slot: SampleEntry(slot, slot, prior_dilution=prior) for slot in SLOTS}
    return analyse(read, layout, assay, entries)


def numbers(sample: SampleResult, scale: float = 1.0) -> list[float]:
    """Titer, both ends of its interval, titers of the used dilutions, over ``scale``; 0 for an open end."""
    alone = [d.titer for d in sample.dilutions if d.used]
    found = [sample.titer.value, *(sample.titer.ci95 or ()), *alone]
    return [0.0 if value is None else value / scale for value in found]


def same_but_for(
    before: PlateResult, after: PlateResult, scale: float, near: Callable[[list[float]], object]
) -> None:
    """All titers are ``scale`` times what they were, with the same qualifier."""
    for old, new in zip(before.samples, after.samples, strict=True):
        assert new.titer.qualifier == old.titer.qualifier
        assert numbers(new, scale) == near(numbers(old))


@PLATES
@given(seed=st.integers(0, 2**32 - 1))
def test_where_the_wells_are_changes_nothing(bench: Bench, seed: int) -> None:
    """The same ODs in other wells of the plate, declared so, give the same titers and classes."""
    read, layout = bench.read(seed), bench.layout
    wells = list(layout.uses)
    order = np.random.default_rng(seed).permutation(len(wells))
    moved = {well: wells[i] for well, i in zip(wells, order, strict=True)}
    uses = {moved[well]: use for well, use in layout.uses.items()}
    (main,) = read.reads
    values = {moved[well]: od for well, od in main.values.items()}
    elsewhere = replace(read, reads=(replace(main, values=values),))
    before = evaluated(read, layout, bench.assay)
    after = evaluated(elsewhere, replace(layout, uses=uses), bench.assay)
    by_slot = {sample.slot: sample for sample in after.samples}
    after = replace(after, samples=tuple(by_slot[sample.slot] for sample in before.samples))
    same_but_for(before, after, 1.0, lambda old: pytest.approx(old, rel=FITTED))
    assert [s.classification for s in after.samples] == [s.classification for s in before.samples]


@PLATES
@given(seed=st.integers(0, 2**32 - 1), factor=st.floats(0.01, 100.0))
def test_calibrators_in_another_unit_scale_the_titers(bench: Bench, seed: int, factor: float) -> None:
    """Calibrators declared ``factor`` times as concentrated make every titer ``factor`` times as high."""
    read, assay = bench.read(seed), bench.assay
    levels = {name: factor * level for name, level in assay.calibration.levels.items()}
    scaled = assay.model_copy(update={"calibration": assay.calibration.model_copy(update={"levels": levels})})
    before = evaluated(read, bench.layout, assay)
    after = evaluated(read, bench.layout, scaled)
    same_but_for(before, after, factor, lambda old: pytest.approx(old, rel=FITTED))


@PLATES
@given(seed=st.integers(0, 2**32 - 1), factor=st.floats(1.0, 1000.0))
def test_a_declared_dilution_multiplies_the_titer(bench: Bench, seed: int, factor: float) -> None:
    """The same wells of a serum that was diluted before the plate mean a titer as many times higher."""
    read = bench.read(seed)
    before = evaluated(read, bench.layout, bench.assay)
    after = evaluated(read, bench.layout, bench.assay, prior=factor)
    same_but_for(before, after, factor, lambda old: pytest.approx(old, rel=1e-9))


@PLATES
@given(seed=st.integers(0, 2**32 - 1), factor=st.floats(0.1, 10.0))
def test_dilutions_on_the_plate_multiply_the_titer(bench: Bench, seed: int, factor: float) -> None:
    """The same wells under dilutions that the layout states as ``factor`` times higher: titers as well."""
    read, layout = bench.read(seed), bench.layout
    uses = {
        well: use if use.dilution is None else replace(use, dilution=use.dilution * factor)
        for well, use in layout.uses.items()
    }
    before = evaluated(read, layout, bench.assay)
    after = evaluated(read, replace(layout, uses=uses), bench.assay)
    same_but_for(before, after, factor, lambda old: pytest.approx(old, rel=1e-9))


@PLATES
@given(seed=st.integers(0, 2**32 - 1), added=st.floats(0.0, 0.1), at=st.integers(0, 3))
def test_what_sticks_without_antigen_is_no_signal(bench: Bench, seed: int, added: float, at: int) -> None:
    """An OD that is added to the MAG and the antigen-negative wells of a dilution leaves its net signal."""
    read = bench.read(seed)
    before = evaluated(read, bench.layout, bench.assay)
    dilution = before.samples[0].dilutions[at].dilution
    (main,) = read.reads
    values = {
        well: od + added * _sticks(bench.layout.uses[well], dilution) for well, od in main.values.items()
    }
    after = evaluated(replace(read, reads=(replace(main, values=values),)), bench.layout, bench.assay)
    for old, new in zip(before.samples, after.samples, strict=True):
        assert new.dilutions[at].net_od == pytest.approx(old.dilutions[at].net_od, abs=1e-12)


def _sticks(use: WellUse, dilution: float) -> bool:
    return use.name in SLOTS and use.dilution == dilution and use.antigen in ("MAG", "none")


@pytest.mark.parametrize("falls", [False, True])
@pytest.mark.parametrize("name", sorted(MODELS))
@CURVES
@given(
    asymptotes=st.tuples(st.floats(-0.1, 0.3), st.floats(0.6, 4.0)),
    ln_ec50=st.floats(-10.0, 15.0),
    ln_slope=st.floats(-1.5, 2.0),
    ln_asymmetry=st.floats(-1.5, 1.5),
    z=st.floats(-5.0, 5.0),
)
def test_the_inverse_undoes_every_model(
    name: str,
    falls: bool,  # noqa: FBT001 - a parameter of the test
    asymptotes: tuple[float, float],
    ln_ec50: float,
    ln_slope: float,
    ln_asymmetry: float,
    z: float,
) -> None:
    """A concentration read back from its own response is the same one to nine digits."""
    low, high = asymptotes
    theta = np.array([*((high, low) if falls else (low, high)), ln_ec50, ln_slope, 0.0])
    if MODELS[name].has_asymmetry:
        theta[LN_ASYMMETRY] = ln_asymmetry
    if name == "3pl":
        theta[UPPER if falls else LOWER] = 0.0
    ln_x = ln_ec50 + z / np.exp(ln_slope)
    y = curve(np.exp([ln_x]), theta)
    height = (y[0] - theta[LOWER]) / (theta[UPPER] - theta[LOWER])
    assume(0.001 < height < 0.999)
    assert inverse(y, theta)[0] == pytest.approx(ln_x, abs=1e-9)


@CURVES
@given(
    intercept=st.floats(0.0, 0.5),
    slope=st.floats(0.01, 2.0),
    share=st.floats(0.02, 0.98),
    exponent=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_the_inverse_undoes_a_straight_line(
    intercept: float, slope: float, share: float, exponent: float
) -> None:
    """So does that of a line through exact calibrators, whatever the weights."""
    x = np.array([0.5, 1.0, 2.0, 4.0, 8.0])
    found = fit_line(x, intercept + slope * x, exponent).interval(intercept + slope * 8 * share)
    assert found is not None
    assert found[0] == pytest.approx(8 * share, rel=1e-9)


@CURVES
@given(power=st.floats(0.2, 3.0), share=st.floats(0.02, 0.98), scale=st.floats(0.01, 10.0))
def test_the_inverse_undoes_log_log_interpolation(power: float, share: float, scale: float) -> None:
    """So does that of straight lines between calibrators on logarithmic axes, along a power law."""
    x = np.repeat([1.0, 3.0, 9.0, 27.0], 2)
    wanted = 27.0**share
    found = fit_log_log(x, scale * x**power).interval(scale * wanted**power)
    assert found is not None
    assert found[0] == pytest.approx(wanted, rel=1e-9)
