"""HNK1 in its three formats, and antigen-negative wells that were lost, on whole plates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_cases import shipped
from simulator.truth import Noise

from pipeline.compute.hnk1.status import status_of
from pipeline.definitions import AssayDefinition, load_definition
from pipeline.domain.assay import Assay
from pipeline.domain.declared import Setting
from pipeline.domain.hnk1 import RatioTiers
from pipeline.domain.layout import WellUse
from pipeline.domain.results import SampleResult
from pipeline.domain.wells import Well
from pipeline.errors import DefinitionError

ROOT = Path(__file__).resolve().parents[2]
QUIET = Noise(
    step_cv=1e-4, calibrator_cv=1e-4, well_cv=0.004, well_od=0.0005, reference_sd=1e-5, read_sd=1e-5
)
Spoil = Callable[[Well, WellUse, float], float | None]


def changed(definition: AssayDefinition, **hnk1: Any) -> AssayDefinition:
    """The assay with another HNK1 setting."""
    assert definition.assay.hnk1 is not None
    declared = definition.assay.hnk1.model_copy(update=hnk1)
    return replace(definition, assay=definition.assay.model_copy(update={"hnk1": declared}))


def number(sample: SampleResult, name: str) -> Any:
    """One of the further HNK1 numbers, by the beginning of its name."""
    return next(other for other in sample.hnk1.others if other.name.startswith(name))


@pytest.mark.parametrize(
    ("share", "status", "ending"),
    [(0.9, "positive", "CONFIRMED"), (0.03, "negative", "NOT_CONFIRMED"), (0.4, "grey", "INDETERMINATE")],
)
@pytest.mark.parametrize("assay", ["anti_mag_hnk1_inhibition", "anti_mag_hnk1_absorption"])
def test_what_hnk1_takes_away_decides(
    serum_on: Any, assay: str, share: float, status: str, ending: str
) -> None:
    """Above 50 % is confirmed, below 30 % is not, between is open; the percent is the true share."""
    sample = serum_on(shipped(assay), hnk1_share=share)
    assert sample.hnk1.status == status
    assert sample.hnk1.value == pytest.approx(100 * share, abs=3)
    assert sample.hnk1.unit == "%"
    assert sample.classification == f"POSITIVE_HNK1_{ending}"
    assert (sample.hnk1.positive_from, sample.hnk1.grey_from, sample.hnk1.cut_from) == (50, 30, "default")


def test_the_od_understates_inhibition_near_the_plateau(serum_on: Any) -> None:
    """Both domains are shown; the concentration's decides."""
    sample = serum_on(shipped("anti_mag_hnk1_inhibition"), titer=60_000.0, hnk1_share=0.5)
    concentration, od = (
        number(sample, "Inhibition of the concentration"),
        number(sample, "Inhibition of the OD"),
    )
    assert od.value < concentration.value - 3
    assert sample.hnk1.value == concentration.value


def test_inhibition_is_read_inside_the_window(serum_on: Any) -> None:
    """Its middle dilution is named as 1:3000; where no dilution is inside there is no result."""
    strong = serum_on(shipped("anti_mag_hnk1_inhibition"), titer=60_000.0, hnk1_share=0.5)
    assert strong.hnk1.dilution == 3000
    weak = serum_on(shipped("anti_mag_hnk1_inhibition"), titer=2_500.0, hnk1_share=0.9)
    assert weak.hnk1.status == "invalid"
    assert "below the window" in str(weak.hnk1.reason)
    assert weak.classification == "POSITIVE_HNK1_INDETERMINATE"


def misread_at(dilution: float, by: float, competitor: str = "HNK1") -> Spoil:
    """The competitor's well of one dilution reads its OD times ``by``."""

    def spoil(well: Well, use: WellUse, od: float) -> float:
        del well
        here = use.name == "S1" and use.dilution == dilution and use.competitor == competitor
        return od * by if here else od

    return spoil


def test_inhibition_is_read_from_all_dilutions_in_the_window(serum_on: Any) -> None:
    """One dilution that reads 49 % where 40 % is true and the other says so does not carry the number."""
    assay = shipped("anti_mag_hnk1_inhibition")
    sample = serum_on(assay, misread_at(9000, 0.88), titer=40_000.0, hnk1_share=0.4)
    alone = {n: number(sample, f"Inhibition at 1:{n}") for n in (1000, 3000, 9000)}
    assert sample.hnk1.dilutions == (1000, 3000, 9000)
    assert alone[9000].value > 47
    assert abs(alone[3000].value - 40) < 3
    assert alone[3000].value < sample.hnk1.value < alone[9000].value
    ends = (sample.hnk1.ci95, *(one.ci95 for one in alone.values()))
    widths = [high - low for low, high in ends]
    assert widths[0] < min(widths[1:])


def test_the_mock_competitor_is_read_from_the_same_dilutions(serum_on: Any) -> None:
    """A single mock well that reads a fifth low does not end the check; the joint number is recorded."""
    assay = shipped("anti_mag_hnk1_inhibition")
    sample = serum_on(assay, misread_at(9000, 0.8, "mock"), titer=40_000.0, hnk1_share=0.9)
    assert 5 < number(sample, "Inhibition by the mock competitor").value < 20
    assert sample.hnk1.status == "positive"


def test_a_dilution_that_says_nothing_is_not_named_among_those_used(serum_on: Any) -> None:
    """A competitor well far below the antigen-negative one is left out; its reason stands beside its name."""
    assay = shipped("anti_mag_hnk1_inhibition")
    sample = serum_on(assay, misread_at(9000, 0.0), titer=40_000.0, hnk1_share=0.9)
    alone = number(sample, "Inhibition at 1:9000")
    assert alone.value is None
    assert "below zero" in alone.text
    assert sample.hnk1.dilutions == (1000, 3000)
    assert sample.hnk1.dilution in sample.hnk1.dilutions
    assert sample.hnk1.value == pytest.approx(90, abs=3)


def test_dilutions_that_do_not_agree_open_the_check(serum_on: Any) -> None:
    """Two dilutions that differ far beyond their errors confirm nothing, though neither denies HNK1."""
    assay = shipped("anti_mag_hnk1_inhibition")
    sample = serum_on(assay, misread_at(9000, 2.6), titer=40_000.0, hnk1_share=0.9)
    assert sample.hnk1.status == "grey"
    assert "1:9" in str(sample.hnk1.reason)


def test_a_mock_competitor_that_inhibits_makes_the_check_invalid(serum_on: Any) -> None:
    """What blocks without HNK1 says nothing about HNK1."""

    def blocked(well: Well, use: WellUse, od: float) -> float:
        del well
        return od * 0.5 if use.competitor == "mock" and use.name == "S1" else od

    sample = serum_on(shipped("anti_mag_hnk1_inhibition"), blocked, hnk1_share=0.9)
    assert sample.hnk1.status == "invalid"
    assert "beyond 20 %" in str(sample.hnk1.reason)
    assert sample.classification == "POSITIVE_HNK1_INDETERMINATE"


def test_little_inhibition_by_a_monomer_is_no_evidence_against_hnk1(serum_on: Any) -> None:
    """It stays open, and the report says why; much inhibition by one still confirms."""
    monomer = changed(shipped("anti_mag_hnk1_inhibition"), competitor_form="monomer")
    sample = serum_on(monomer, hnk1_share=0.03)
    assert sample.hnk1.status == "grey"
    assert "monomer" in str(sample.hnk1.reason)
    assert serum_on(monomer, hnk1_share=0.9).hnk1.status == "positive"


def test_swapped_wells_do_not_confirm(serum_on: Any) -> None:
    """A competitor well that reads far below the antigen-negative one is a mistake, not full inhibition."""

    def swapped(well: Well, use: WellUse, od: float) -> float:
        del well
        if use.name != "S1":
            return od
        return 0.5 if use.antigen == "none" else 0.06 if use.competitor == "HNK1" else od + 0.45

    sample = serum_on(shipped("anti_mag_hnk1_inhibition"), swapped, titer=12_000.0)
    assert sample.hnk1.status == "invalid"
    assert "below zero" in str(sample.hnk1.reason)


@pytest.mark.parametrize("assay", ["anti_mag_hnk1_inhibition", "anti_mag_hnk1_absorption"])
def test_a_serum_without_mag_signal_has_nothing_to_take_away(serum_on: Any, assay: str) -> None:
    """A MAG-negative serum is not tested in these formats, and never HNK1-reactive."""
    sample = serum_on(shipped(assay), titer=100.0, hnk1_share=0.9)
    assert sample.hnk1.status == "not_tested"
    assert sample.classification == "NEGATIVE"


def test_full_absorption_gives_a_bound(serum_on: Any) -> None:
    """A titer that falls below the range has fallen by at least so much, and that confirms."""
    sample = serum_on(shipped("anti_mag_hnk1_absorption"), hnk1_share=0.999)
    assert sample.hnk1.status == "positive"
    assert sample.hnk1.value is None
    assert 95 < sample.hnk1.at_least < 100
    assert number(sample, "Fall of the area").value == pytest.approx(99.8, abs=1)


def test_the_direct_format_gives_a_titer_and_its_ratio(serum_on: Any, flagship: AssayDefinition) -> None:
    """Read from the MAG curve, with interval; half the affinity is about half the titer."""
    full = serum_on(flagship, hnk1_affinity=1.0)
    half = serum_on(flagship, hnk1_affinity=0.5)
    ratio = number(full, "HNK1 titer / MAG titer")
    assert ratio.ci95[0] < ratio.value < ratio.ci95[1]
    assert number(half, "HNK1 titer / MAG titer").value < ratio.value
    titer = number(full, "HNK1 titer, read")
    assert titer.unit == ""  # read from the curve of another antigen: no BTU
    assert titer.value / full.titer.value == pytest.approx(ratio.value / 100, rel=1e-6)


def test_the_ratio_to_a_calibrator_serum_has_tiers(serum_on: Any, flagship: AssayDefinition) -> None:
    """100 x net HNK1 OD over the control's: below 30 negative, from 100 on strong."""
    tiers = {
        key: Setting(value=value, unit="%", source="Svar: 30, 50, 100")
        for key, value in (("borderline", 30), ("positive", 50), ("strong", 100))
    }
    compared = changed(flagship, ratio=RatioTiers(control="PC1", **tiers))
    strong = number(serum_on(compared, titer=40_000.0, hnk1_affinity=0.9), "HNK1 OD / PC1")
    assert strong.value > 100
    assert strong.text == "strong"
    weak = number(serum_on(compared, titer=20_000.0, hnk1_affinity=0.02), "HNK1 OD / PC1")
    assert weak.value < 30
    assert weak.text == "negative"


@pytest.mark.parametrize(
    ("value", "ci95", "at_least", "status"),
    [
        (60, (40, 80), None, "positive"),
        (60, (20, 90), None, "grey"),
        (60, None, None, "grey"),
        (60, (None, 90), None, "grey"),
        (20, (10, 45), None, "negative"),
        (20, (-20, 55), None, "grey"),
        (40, (35, 45), None, "grey"),
        (None, None, 70, "positive"),
        (None, None, 40, "grey"),
    ],
)
def test_an_interval_that_straddles_never_decides(
    value: float | None, ci95: Any, at_least: float | None, status: str
) -> None:
    """Positive from 50 and negative below 30 percent, each only with an interval that agrees."""
    declared = shipped("anti_mag_hnk1_inhibition").assay.hnk1
    assert declared is not None
    assert status_of(value, ci95, at_least, declared) == status


def lost_at(*dilutions: float) -> Spoil:
    """Antigen-negative wells of S1 that are not in the export."""

    def spoil(well: Well, use: WellUse, od: float) -> float | None:
        del well
        lost = use.name == "S1" and use.antigen == "none" and use.dilution in dilutions
        return None if lost else od

    return spoil


def borrowing(definition: AssayDefinition) -> AssayDefinition:
    """The assay that reads a lost pair against its neighbours."""
    assert definition.assay.antigen_negative is not None
    settings = definition.assay.antigen_negative.model_copy(update={"missing": "neighbour"})
    return replace(definition, assay=definition.assay.model_copy(update={"antigen_negative": settings}))


def test_a_lost_pair_is_left_out_unless_the_assay_says_otherwise(
    serum_on: Any, flagship: AssayDefinition
) -> None:
    """Without antigen-negative wells a dilution is not judged; the plate's blank never stands in."""
    sample = serum_on(flagship, lost_at(3000))
    assert sample.dilutions[1].net_od is None
    assert sample.dilutions[1].reason == "no_antigen_negative"
    assert "ANTIGEN_NEGATIVE_MISSING" in sample.flags
    assert serum_on(flagship, lost_at(1000, 3000, 9000, 27000)).classification == "INVALID"


def test_a_dilution_that_nothing_controls_is_named_as_the_reason(
    serum_on: Any, flagship: AssayDefinition
) -> None:
    """Controlled at one dilution only, a positive stays open, and the step says what to add."""
    sample = serum_on(flagship, lost_at(3000, 9000, 27000))
    assert (sample.classification, sample.reasons) == ("INDETERMINATE", ("OTHERS_NOT_CONTROLLED",))
    assert sample.next_step == "Repeat the sample with antigen-negative wells at each dilution."
    borrowed = serum_on(borrowing(flagship), lost_at(3000, 9000, 27000))
    assert borrowed.classification.startswith("POSITIVE")


def test_a_lost_pair_may_be_read_against_its_neighbours(serum_on: Any, flagship: AssayDefinition) -> None:
    """With their scatter as further error, marked at the dilution and by a flag."""
    whole = serum_on(borrowing(flagship), nsb_od=0.1)
    sample = serum_on(borrowing(flagship), lost_at(3000), nsb_od=0.1)
    assert "ANTIGEN_NEGATIVE_BORROWED" in sample.flags
    assert [d.negative_borrowed for d in sample.dilutions] == [False, True, False, False]
    assert sample.dilutions[1].net_od == pytest.approx(whole.dilutions[1].net_od, abs=0.02)
    assert sample.dilutions[1].net_od_se > whole.dilutions[1].net_od_se
    assert sample.titer.value == pytest.approx(whole.titer.value, rel=0.02)
    alone = serum_on(borrowing(flagship), lost_at(1000, 3000, 9000, 27000))
    assert alone.classification == "INVALID"


def test_sticky_sera_show_their_course(serum_on: Any, flagship: AssayDefinition) -> None:
    """The non-specific part falls more slowly over the dilutions than the specific one."""
    sample = serum_on(flagship, titer=12_000.0, nsb_od=0.4)
    found = sample.nonspecific
    assert found is not None
    assert found.nonspecific_slope == pytest.approx(-0.5, abs=0.05)
    assert found.specific_slope < found.nonspecific_slope - 0.2
    assert 15 < found.index_percent < 35
    fractions = np.array([d.specific_fraction for d in sample.dilutions], dtype=float)
    assert (np.diff(fractions) < 0).all()
    quiet = serum_on(flagship, titer=12_000.0, nsb_od=0.01).nonspecific
    assert quiet is not None
    assert quiet.index_percent < 3


Flat = Callable[[str, Path], Path]


def toml(flat: Flat, tmp_path: Path, assay: str, old: str, new: str) -> Path:
    """A copy of an assay folder with one line changed."""
    folder = flat(assay, tmp_path / "assay")
    text = (folder / "assay.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / "assay.toml").write_text(text.replace(old, new), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("assay", "old", "new", "message"),
    [
        ("anti_mag_hnk1_inhibition", 'competitor = "HNK1"', 'competitor = "polymer"', "competitor"),
        ("anti_mag_hnk1_inhibition", 'format = "inhibition"', 'format = "inhibited"', "format"),
        ("anti_mag_hnk1_inhibition", "value = 0.8\n", "value = 0.1\n", "window_low"),
        ("anti_mag_hnk1_absorption", "value = 30", "value = 60", "grey"),
        (
            "anti_mag_igm",
            'antigen = "none"\n',
            'antigen = "none"\ncoating = "control antigen"\n',
            "control_antigen",
        ),
    ],
)
def test_a_wrong_declaration_is_refused(
    flat: Flat, tmp_path: Path, assay: str, old: str, new: str, message: str
) -> None:
    """With the key that is at fault, before any plate is processed."""
    with pytest.raises(DefinitionError) as caught:
        load_definition(toml(flat, tmp_path, assay, old, new))
    assert message in str(caught.value)


def test_a_control_antigen_is_declared_with_its_name(flat: Flat, tmp_path: Path) -> None:
    """Wells coated with an irrelevant antigen instead of none."""
    new = 'antigen = "none"\ncoating = "control antigen"\ncontrol_antigen = "histone H3"\n'
    found: Assay = load_definition(toml(flat, tmp_path, "anti_mag_igm", 'antigen = "none"\n', new)).assay
    assert found.antigen_negative is not None
    assert found.antigen_negative.control_antigen == "histone H3"
