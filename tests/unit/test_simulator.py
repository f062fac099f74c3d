"""The simulator: plates whose truth is known, and the sample data made from them."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from scipy.optimize import curve_fit
from simulator import (
    Hook,
    Noise,
    PlateReader,
    PlateTruth,
    SerumTruth,
    TrueCurve,
    clear_cut_sera,
    control_truths,
    faults,
    simulate_plate,
)
from simulator.cases import all_cases, clean_plate
from simulator.plate import dilution_errors, nonspecific_od
from simulator.populations import CLASSES
from simulator.tree import sample_data, write_sample_data

from pipeline.definitions import AssayDefinition
from pipeline.domain.layout import Role
from pipeline.domain.wells import Well

SILENT = Noise(step_cv=0, calibrator_cv=0, well_cv=0, well_od=0, reference_od=0.04, reference_sd=0, read_sd=0)
SERUM = SerumTruth(9_000.0, "POSITIVE_HNK1_CONFIRMED", nsb_od=0.1, hnk1_affinity=0.8)


def truth(definition: AssayDefinition, noise: Noise = SILENT, serum: SerumTruth = SERUM) -> PlateTruth:
    """A plate with one serum in slot S1; the other slots are empty."""
    return PlateTruth({"S1": serum}, control_truths(definition.assay), noise=noise)


def nets(definition: AssayDefinition, plate: PlateTruth, seed: int = 1) -> dict[str, float]:
    """Well name -> 450 minus 620 nm; wells with an overflow are left out."""
    rng = np.random.default_rng(seed)
    wells = simulate_plate(definition.layout, definition.assay, plate, rng)
    return {well.name: net for well, od in wells.items() if (net := od.net()) is not None}


def test_same_seed_same_plate(flagship: AssayDefinition) -> None:
    """A seed names a plate for ever; another seed is another plate."""
    noisy = truth(flagship, Noise())
    assert nets(flagship, noisy, 5) == nets(flagship, noisy, 5)
    assert nets(flagship, noisy, 5) != nets(flagship, noisy, 6)


def test_without_noise_the_wells_are_the_truth(flagship: AssayDefinition) -> None:
    """Hand-calculated: blank, a calibrator, and a serum's MAG, antigen-negative and HNK1 wells."""
    wells = nets(flagship, truth(flagship))
    share = (9000 / 15000) ** 1.05
    specific = 3.27 * share / (1 + share)
    assert wells["H1"] == pytest.approx(0.03, abs=1e-4)
    assert wells["C1"] == pytest.approx(0.03 + specific, abs=1e-4), "CAL3 is 9000 BTU"
    assert wells["A5"] == pytest.approx(0.03 + 0.1 + specific, abs=1e-4), "a serum of 9000 BTU at 1:1000"
    assert wells["A7"] == pytest.approx(0.03 + 0.1, abs=1e-4), "antigen-negative"
    hnk1_share = (9000 / 18000) ** 1.05
    assert wells["A8"] == pytest.approx(0.13 + 0.8 * 2.77 * hnk1_share / (1 + hnk1_share), abs=1e-4)
    assert wells["A9"] == 0, "an empty slot reads like plastic at both wavelengths"


def test_half_of_the_span_at_ec50() -> None:
    """The parameter C of a 4PL is the concentration of half the signal; of a 5PL it is not."""
    assert TrueCurve(ec50=5000).specific_od(5000) == pytest.approx(3.27 / 2)
    assert TrueCurve(ec50=5000, asymmetry=2).specific_od(5000) == pytest.approx(3.27 * 0.75)
    assert TrueCurve().specific_od(0) == 0


def test_nonspecific_binding_falls_more_slowly_than_specific(flagship: AssayDefinition) -> None:
    """Dilution tells the two apart: the share of the signal that needs no antigen rises down the series."""
    assert nonspecific_od(SERUM, 9000.0) == pytest.approx(0.1 / 3)
    wells = nets(flagship, truth(flagship))
    shares = [(wells[f"{row}7"] - 0.03) / (wells[f"{row}5"] - 0.03) for row in "ABCD"]
    assert shares == sorted(shares)
    assert shares[-1] > 2 * shares[0]


def test_dilution_errors_are_a_random_walk() -> None:
    """Every step inherits the errors before it: variance grows in proportion to the step number."""
    rng = np.random.default_rng(20)
    walks = np.array([dilution_errors(4, 0.03, rng) for _ in range(4000)])
    ratios = walks.var(axis=0) / 0.03**2
    assert ratios == pytest.approx([1, 2, 3, 4], rel=0.1)
    assert np.cov(walks[:, 0], walks[:, 3])[0, 1] / 0.03**2 == pytest.approx(1, rel=0.15)


def test_one_dilution_series_serves_all_coatings(flagship: AssayDefinition) -> None:
    """MAG and HNK1 wells of one dilution hold the same tube, so they share its pipetting error."""
    noise = replace(SILENT, step_cv=0.2)
    serum = replace(SERUM, nsb_od=0.0)
    wells = nets(flagship, truth(flagship, noise, serum), seed=3)
    curves = {5: (TrueCurve(), 1.0), 8: (PlateTruth({}).hnk1_curve, 0.8)}
    for row, meant in zip("ABCD", (9000, 3000, 1000, 9000 / 27), strict=True):
        found = [inverse(wells[f"{row}{c}"], *curves[c]) for c in curves]
        assert found[0] == pytest.approx(found[1], rel=0.01)
        assert abs(found[0] / meant - 1) > 0.005, "there is an error at all"


def inverse(net: float, curve: TrueCurve, affinity: float) -> float:
    """Concentration at which a true curve reads a net OD."""
    share = (net - 0.03) / affinity / (curve.top - curve.zero)
    return curve.ec50 * (share / (1 - share)) ** (1 / curve.slope)


@pytest.mark.parametrize("word", [True, False])
def test_no_number_above_the_ceiling(flagship: AssayDefinition, word: bool) -> None:  # noqa: FBT001 - parametrised
    """A saturated reader prints its ceiling or a word; it never makes up a number."""
    bright = replace(truth(flagship, Noise()), curve=TrueCurve(top=9.0), reader=PlateReader(4.0, word))
    wells = simulate_plate(flagship.layout, flagship.assay, bright, np.random.default_rng(4))
    ods = [od.od450 for od in wells.values()]
    assert max(od for od in ods if od is not None) <= 4.0
    assert (None in ods) is word
    assert (4.0 in ods) is not word


def test_optics_are_common_to_both_wavelengths(flagship: AssayDefinition) -> None:
    """Subtracting 620 nm removes the plastic: net blanks are steadier than the wells' reference ODs."""
    noise = replace(SILENT, reference_sd=0.002, read_sd=0.0001)
    rng = np.random.default_rng(8)
    wells = simulate_plate(flagship.layout, flagship.assay, truth(flagship, noise), rng).values()
    assert np.std([od.od620 for od in wells]) > 0.0012
    assert all(0.035 <= od.od620 <= 0.045 for od in wells)
    blanks = simulate_plate(flagship.layout, flagship.assay, PlateTruth({}, noise=noise), rng)
    found = [blanks[well].net() for well in flagship.layout.wells(Role.BLANK)]
    assert found == pytest.approx([0.03] * len(found), abs=0.0006)


def test_hook_lowers_the_concentrated_end(flagship: AssayDefinition) -> None:
    """Antibody excess: 1:1000 reads lower than 1:3000, and the far dilutions are untouched."""
    serum = replace(SERUM, titer=150_000.0)
    plain = nets(flagship, truth(flagship, serum=serum))
    hooked = nets(flagship, truth(flagship, serum=replace(serum, hook=Hook(180_000.0))))
    assert hooked["A5"] < hooked["B5"] - 0.3
    assert hooked["D5"] == pytest.approx(plain["D5"], abs=1e-3)


def test_faults_hit_their_wells_only(flagship: AssayDefinition) -> None:
    """Each fault does what it says, and the other wells of the same seed are as before."""
    layout = flagship.layout
    clean = nets(flagship, truth(flagship))
    wrong = (
        faults.mispipetted_level(layout, "CAL2", 0.36),
        faults.degraded_control(layout, "PC1", 0.5),
        faults.contaminated_blanks(layout, 0.2),
        faults.missed_well("A5"),
        faults.bubble("A6", 0.5),
    )
    faulty = nets(flagship, replace(truth(flagship), faults=wrong))
    hit = frozenset().union(*(fault.wells for fault in wrong))
    assert all(faulty[name] == clean[name] for name in clean if Well.parse(name) not in hit)
    assert faulty["B1"] == pytest.approx(clean["C1"], abs=1e-4), "25 000 x 0.36 is 9000"
    assert faulty["C3"] < clean["C3"] - 0.1
    assert faulty["H1"] == pytest.approx(0.23, abs=1e-4)
    assert faulty["A5"] == 0
    assert faulty["A6"] == pytest.approx(clean["A6"] + 0.5, abs=2e-4)
    weak = nets(flagship, replace(truth(flagship), faults=(faults.weak_conjugate(layout, 0.25),)))
    assert weak["A1"] == pytest.approx(clean["A1"] / 4, abs=2e-4)


def test_clear_cut_sera_are_clear_cut(flagship: AssayDefinition, kit: AssayDefinition) -> None:
    """The benchmark's sera are far from every limit, and all four classes are there."""
    sera = clear_cut_sera(np.random.default_rng(9), 200, flagship.assay)
    assert Counter(serum.expected_class for serum in sera) == dict.fromkeys(CLASSES, 50)
    for serum in sera:
        if serum.expected_class.startswith("POSITIVE"):
            assert 4_000 <= serum.titer <= 150_000
            assert (serum.hnk1_affinity >= 0.5) is (serum.expected_class == "POSITIVE_HNK1_CONFIRMED")
        else:
            assert serum.titer <= 300
        assert (serum.nsb_od >= 0.6) is (serum.expected_class == "NONSPECIFIC_BINDING")
    untested = {serum.expected_class for serum in clear_cut_sera(np.random.default_rng(9), 8, kit.assay)}
    assert untested == {"NEGATIVE", "NONSPECIFIC_BINDING", "POSITIVE_HNK1_NOT_TESTED"}


def four_pl(ln_x: np.ndarray, lower: float, span: float, ln_c: float, slope: float) -> np.ndarray:
    """A 4PL of this test's own, in ln concentration."""
    return lower + span / (1 + np.exp(slope * (ln_c - ln_x)))


def test_truth_of_the_clean_plate_can_be_recovered(flagship: AssayDefinition) -> None:
    """A quick fit of another make finds the titers of the positive sera within 15 %."""
    (plate,) = clean_plate(flagship).plates
    layout, levels = flagship.layout, flagship.assay.calibration.levels
    wells = {well: od.net() or 0.0 for well, od in plate.wells.items()}
    calibrators = layout.wells(Role.CALIBRATOR)
    ln_x = np.log([levels[layout.uses[well].name] for well in calibrators])
    ods = np.array([wells[well] for well in calibrators])
    start = [0.03, 3.0, math.log(12_000.0), 1.0]
    (_, span, ln_c, slope), _ = curve_fit(four_pl, ln_x, ods, p0=start, sigma=ods)
    for slot, serum in plate.truth.sera.items():
        if not serum.expected_class.startswith("POSITIVE"):
            continue
        found = []
        for mag in (w for w in layout.wells(Role.SAMPLE, slot) if layout.uses[w].antigen == "MAG"):
            background = wells[next_antigen_negative(mag, flagship)]
            share = (wells[mag] - background) / span
            if 0.05 < share < 0.9:
                concentration = math.exp(ln_c) * (share / (1 - share)) ** (1 / slope)
                found.append(concentration * (layout.uses[mag].dilution or 1) / 1000)
        assert len(found) >= 4
        assert np.exp(np.mean(np.log(found))) == pytest.approx(serum.titer, rel=0.15), slot


def next_antigen_negative(mag: Well, flagship: AssayDefinition) -> Well:
    """The antigen-negative well in the same row of the same slot."""
    uses = flagship.layout.uses
    return next(
        well
        for well, use in uses.items()
        if well.row == mag.row and use.antigen == "none" and use.name == uses[mag].name
    )


def test_sample_data_on_disk_is_what_the_seeds_give(root: Path, tmp_path: Path) -> None:
    """``make.py`` reproduces every byte, and no generated folder holds anything else."""
    count = write_sample_data(root / "plate_layouts", tmp_path)
    made = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    kept = root / "sample_data"
    folders = {path.parts[0] for path in made}
    there = {p.relative_to(kept) for name in folders for p in (kept / name).rglob("*") if p.is_file()}
    assert len(made) == count
    assert there == made
    different = [str(path) for path in made if (kept / path).read_bytes() != (tmp_path / path).read_bytes()]
    assert different == []


def test_every_folder_says_that_it_is_synthetic(root: Path) -> None:
    """Nobody may take these plates for a patient's."""
    files = sample_data(root / "plate_layouts")
    folders = {name.rsplit("/", 1)[0] for name in files}
    for folder in folders:
        document = json.loads(files[f"{folder}/expected.json"])
        assert document["synthetic"].startswith("Simulated")
    for case in all_cases(root / "plate_layouts"):
        ids = [sample_id for plate in case.plates for sample_id in plate.ids.values()]
        assert case.sheet is None or all(sample_id.startswith("SYN-") for sample_id in ids)
        assert len(set(ids)) == len(ids)


def test_workbooks_open_and_keep_ids_as_text(root: Path) -> None:
    """The XLSX files are real workbooks: numbers are numbers, ids are text."""
    folder = root / "sample_data" / "anti_mag_igm" / "grid_xlsx"
    sheet = openpyxl.load_workbook(folder / "grid_xlsx.xlsx")["Plate 1"]
    assert sheet["A1"].value == "450 nm"
    assert isinstance(sheet["B3"].value, float)
    ids = openpyxl.load_workbook(folder / "grid_xlsx.samples.xlsx")["Samples"]
    assert (ids["B2"].value, ids["B2"].number_format) == ("SYN-0401", "@")
