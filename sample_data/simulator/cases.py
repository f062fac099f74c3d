"""The plates of the sample data that are processed: accepted, with warnings, or rejected."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from pipeline.definitions import AssayDefinition
from pipeline.domain.layout import Role
from simulator import faults
from simulator.case import Case, SimulatedPlate, by_slot, definition, sample_ids, sheet_rows, simulated
from simulator.grids import csv_bytes, sheet_csv, sheet_xlsx, two_grids, xlsx_bytes
from simulator.populations import clear_cut_sera
from simulator.softmax import (
    SINGLE_BYTE,
    UTF16,
    Group,
    GroupRow,
    SoftMaxPlate,
    encoded,
    group_block,
    note_block,
    plate_format,
    softmax_text,
    time_format,
)
from simulator.truth import Fault, Hook, PlateReader, PlateTruth, SerumTruth, TrueCurve, control_truths

CONFIRMED = "POSITIVE_HNK1_CONFIRMED"
NOT_CONFIRMED = "POSITIVE_HNK1_NOT_CONFIRMED"
NOTE = ("Synthetic data made by the simulator of titerline.", "Method: anti-MAG IgM ELISA")

HIGH = SerumTruth(42_000.0, CONFIRMED, 0.03, hnk1_affinity=0.9, about="high titer, binds HNK1")
MEDIUM = SerumTruth(9_500.0, CONFIRMED, 0.02, hnk1_affinity=0.7, about="medium titer, binds HNK1")
UNCONFIRMED = SerumTruth(16_000.0, NOT_CONFIRMED, 0.03, about="MAG-positive, does not bind HNK1")
NEGATIVE = SerumTruth(120.0, "NEGATIVE", 0.04, expected_qualifier=None, about="no anti-MAG IgM to speak of")
FOUR = (HIGH, MEDIUM, UNCONFIRMED, NEGATIVE)


def all_cases(layouts: Path) -> tuple[Case, ...]:
    """Every case that is processed, in the order of the README.

    Args:
        layouts: folder of the shipped assays.
    """
    igm, guarded = definition(layouts, "anti_mag_igm"), definition(layouts, "anti_mag_igm_guarded")
    return (
        clean_plate(igm),
        difficult_sera(igm),
        failed_calibrators(igm),
        failed_control(igm),
        grid_xlsx(igm),
        grid_csv(igm),
        kit_plate(definition(layouts, "anti_mag_kit")),
        clean_384(definition(layouts, "anti_mag_igm_384")),
        unknowns(definition(layouts, "generic_elisa")),
        to_repeat(igm),
        hnk1_inhibition(definition(layouts, "anti_mag_hnk1_inhibition")),
        hnk1_absorption(definition(layouts, "anti_mag_hnk1_absorption")),
        low_sera(guarded),
        gradient(guarded),
        titration(definition(layouts, "anti_mag_titration")),
    )


def four_sera(igm: AssayDefinition, faulty: tuple[Fault, ...] = ()) -> PlateTruth:
    """The four plain sera on the flagship assay."""
    return PlateTruth(by_slot(igm, FOUR), control_truths(igm.assay), faults=faulty)


def clean_plate(igm: AssayDefinition) -> Case:
    """Nothing is wrong with this plate."""
    about = "A plate as it should be: high, medium and HNK1-negative positive sera and a negative one."
    plate = _plate("Plate1", igm, four_sera(igm), 417, 101)
    block = time_format(SoftMaxPlate("Plate1", plate.wells))
    return _softmax_case(igm, "clean_plate", about, 417, (plate,), [block], SINGLE_BYTE)


def failed_calibrators(igm: AssayDefinition) -> Case:
    """Three of seven levels hold the wrong amount."""
    about = "Calibrators made up wrongly at three of seven levels: the plate must be rejected."
    wrong = tuple(
        faults.mispipetted_level(igm.layout, level, amount)
        for level, amount in (("CAL2", 0.45), ("CAL4", 2.1), ("CAL6", 0.3))
    )
    plate = _plate("Plate1", igm, four_sera(igm, wrong), 431, 201)
    plate = replace(plate, verdict="rejected", failing_rules=("CAL-03", "CTL-01"))
    block = time_format(SoftMaxPlate("Plate1", plate.wells))
    return _softmax_case(igm, "failed_calibrators", about, 431, (plate,), [block], SINGLE_BYTE)


def failed_control(igm: AssayDefinition) -> Case:
    """The curve is fine, the control is not."""
    about = "Positive control PC1 lost 40 % of its activity: the plate must be rejected."
    old = faults.degraded_control(igm.layout, "PC1", 0.6)
    plate = _plate("Plate1", igm, four_sera(igm, (old,)), 433, 251)
    plate = replace(plate, verdict="rejected", failing_rules=("CTL-01",))
    block = plate_format(SoftMaxPlate("Plate1", plate.wells))
    return _softmax_case(igm, "failed_control", about, 433, (plate,), [block], UTF16)


def difficult_sera(igm: AssayDefinition) -> Case:
    """Two plates of sera that make trouble."""
    about = (
        "Two plates in one export. Plate A: a non-specific serum, a hook, an HNK1-negative positive and a "
        "serum above range at every dilution. Plate B: a partly non-specific serum, one at the cut-off and "
        "one that binds HNK1 without MAG; its last slot is empty."
    )
    controls = control_truths(igm.assay)
    first = PlateTruth(by_slot(igm, _TROUBLE), controls)
    second = PlateTruth(by_slot(igm, _OPEN), controls)
    seed = 439
    plates = (
        replace(_plate("Plate A", igm, first, seed, 301), verdict="accepted_with_warnings"),
        _plate("Plate B", igm, second, seed + 1, 351, slots=len(_OPEN)),
    )
    blocks = [plate_format(SoftMaxPlate(plate.name, plate.wells)) for plate in plates]
    return _softmax_case(igm, "difficult_sera", about, seed, plates, blocks, UTF16)


_TROUBLE = (
    SerumTruth(
        150.0,
        "NONSPECIFIC_BINDING",
        1.3,
        expected_flags=("HIGH_BACKGROUND",),
        expected_qualifier=None,
        about="sticks to the plastic: antigen-negative OD 1.3",
    ),
    SerumTruth(
        150_000.0,
        CONFIRMED,
        0.03,
        hnk1_affinity=0.8,
        hook=Hook(half=180_000.0),
        expected_flags=("HOOK",),
        about="antibody excess: 1:1000 reads lower than 1:3000",
    ),
    SerumTruth(22_000.0, NOT_CONFIRMED, 0.03, about="MAG-positive, does not bind HNK1"),
    SerumTruth(
        6_000_000.0,
        "POSITIVE_HNK1_INDETERMINATE",
        0.03,
        hnk1_affinity=0.8,
        expected_flags=("OUT_OF_RANGE_HIGH",),
        expected_qualifier=">=",
        about="above the top calibrator at every dilution",
    ),
)
_OPEN = (
    SerumTruth(
        6_000.0,
        CONFIRMED,
        0.45,
        hnk1_affinity=0.8,
        expected_flags=("HIGH_BACKGROUND",),
        about="specific and non-specific binding together",
    ),
    SerumTruth(1_000.0, "INDETERMINATE", 0.02, hnk1_affinity=0.8, about="exactly at the cut-off"),
    SerumTruth(
        150.0,
        "NEGATIVE_MAG_HNK1_REACTIVE",
        0.02,
        hnk1_affinity=20.0,
        expected_qualifier=None,
        about="binds HNK1 but not MAG",
    ),
)


def to_repeat(igm: AssayDefinition) -> Case:
    """Sera that the bench has to repeat."""
    about = (
        "Every pair of MAG wells of the first serum disagrees, the second is above the reader's range at "
        "every dilution, and the HNK1 signal of the third lies in the grey zone."
    )
    spoiled = tuple(faults.missed_well(f"{row}6") for row in "ABCD")
    blinding = tuple(faults.bubble(f"{row}{column}", 4.5) for row in "EFGH" for column in (5, 6))
    sera = (
        replace(
            HIGH, expected_class="REPEAT", expected_flags=("REPLICATES_DISAGREE",), expected_qualifier=None
        ),
        replace(HIGH, expected_class="REPEAT", expected_flags=("SATURATED",), expected_qualifier=None),
        SerumTruth(
            9_000.0, "POSITIVE_HNK1_INDETERMINATE", 0.03, hnk1_affinity=0.14, about="HNK1 in the grey zone"
        ),
        NEGATIVE,
    )
    truth = PlateTruth(by_slot(igm, sera), control_truths(igm.assay), faults=(*spoiled, *blinding))
    plate = replace(_plate("Plate1", igm, truth, 503, 701), verdict="accepted_with_warnings")
    block = plate_format(SoftMaxPlate("Plate1", plate.wells))
    return _softmax_case(igm, "to_repeat", about, 503, (plate,), [block], SINGLE_BYTE)


_BY_SHARE = (
    SerumTruth(24_000.0, CONFIRMED, 0.03, hnk1_share=0.9, about="soluble HNK1 blocks 90 % of its antibody"),
    SerumTruth(12_000.0, NOT_CONFIRMED, 0.02, hnk1_share=0.03, about="soluble HNK1 blocks next to nothing"),
    SerumTruth(
        16_000.0, "POSITIVE_HNK1_INDETERMINATE", 0.03, hnk1_share=0.40, about="in the grey zone: blocks 40 %"
    ),
    NEGATIVE,
)


def hnk1_inhibition(found: AssayDefinition) -> Case:
    """MAG wells with soluble HNK1, and with a mock competitor."""
    about = (
        "HNK1 by inhibition: soluble HNK1 blocks 90 % of the first serum's antibody, 3 % of the second's, "
        "40 % of the third's; the fourth is negative."
    )
    truth = PlateTruth(by_slot(found, _BY_SHARE), control_truths(found.assay))
    plate = _plate("Plate1", found, truth, 509, 751)
    block = plate_format(SoftMaxPlate("Plate1", plate.wells))
    return _softmax_case(found, "inhibition", about, 509, (plate,), [block], SINGLE_BYTE)


def hnk1_absorption(found: AssayDefinition) -> Case:
    """The series before and after HNK1 beads."""
    about = (
        "HNK1 by absorption: beads take 90 % of the first serum's antibody, 3 % of the second's, 40 % of the "
        "third's; the fourth is negative."
    )
    truth = PlateTruth(by_slot(found, _BY_SHARE), control_truths(found.assay))
    plate = _plate("Plate1", found, truth, 523, 801)
    block = plate_format(SoftMaxPlate("Plate1", plate.wells))
    return _softmax_case(found, "absorption", about, 523, (plate,), [block], SINGLE_BYTE)


_LOW = (
    SerumTruth(1_300.0, CONFIRMED, 0.02, hnk1_affinity=0.9, about="just above the cut-off, binds HNK1"),
    SerumTruth(4_000.0, NOT_CONFIRMED, 0.03, about="low titer, does not bind HNK1"),
    SerumTruth(38_000.0, CONFIRMED, 0.03, hnk1_affinity=0.8, about="high titer, binds HNK1"),
    SerumTruth(550.0, "NEGATIVE", 0.03, about="below the cut-off"),
)


def low_sera(guarded: AssayDefinition) -> Case:
    """Sera near the cut-off, on the layout that starts at 1:500."""
    about = "From 1:500: a serum of 1300 BTU is positive, one of 550 BTU is negative."
    plate = _plate("Plate1", guarded, _guarded(guarded, _LOW), 541, 851)
    block = time_format(SoftMaxPlate("Plate1", plate.wells))
    return _softmax_case(guarded, "low_sera", about, 541, (plate,), [block], SINGLE_BYTE)


def gradient(guarded: AssayDefinition) -> Case:
    """The plate reads lower from left to right; only controls on the right half show it."""
    about = "The last column develops 65 % of the colour of the first: the right half's control rejects it."
    truth = _guarded(guarded, FOUR, faults.column_drift(guarded.layout, 0.65))
    plate = _plate("Plate1", guarded, truth, 547, 901)
    plate = replace(plate, verdict="rejected", failing_rules=("CTL-01",))
    block = time_format(SoftMaxPlate("Plate1", plate.wells))
    return _softmax_case(guarded, "gradient", about, 547, (plate,), [block], SINGLE_BYTE)


_CUTOFF_AT_1 = TrueCurve(ec50=26.9), TrueCurve(top=2.8, ec50=32.0)
"""Curves on MAG and on HNK1 in units of the dilution that reads a net OD of 0.1 on MAG."""
_TITRATED = (
    SerumTruth(
        180_000.0, CONFIRMED, 0.03, hnk1_affinity=0.9, expected_qualifier=">=", about="beyond 1:64000"
    ),
    SerumTruth(17_000.0, CONFIRMED, 0.02, hnk1_affinity=0.7, about="medium titer, binds HNK1"),
    SerumTruth(29_000.0, NOT_CONFIRMED, 0.03, about="MAG-positive, does not bind HNK1"),
    SerumTruth(200.0, "NEGATIVE", 0.04, expected_qualifier="<", about="no anti-MAG IgM to speak of"),
)


def titration(found: AssayDefinition) -> Case:
    """No calibrators: the sera make the curve, titers are reciprocal dilutions."""
    about = (
        "No calibrators: one curve shape for all sera, titers are the dilutions that read a net OD of 0.1; "
        "the first serum is positive at the last dilution."
    )
    curve, on_hnk1 = _CUTOFF_AT_1
    truth = PlateTruth(by_slot(found, _TITRATED), control_truths(found.assay), curve, on_hnk1)
    plate = _plate("Plate1", found, truth, 557, 951)
    block = time_format(SoftMaxPlate("Plate1", plate.wells))
    return _softmax_case(found, "titration", about, 557, (plate,), [block], SINGLE_BYTE)


def _guarded(
    guarded: AssayDefinition, sera: tuple[SerumTruth, ...], faulty: tuple[Fault, ...] = ()
) -> PlateTruth:
    return PlateTruth(by_slot(guarded, sera), control_truths(guarded.assay), faults=faulty)


def grid_xlsx(igm: AssayDefinition) -> Case:
    """As people copy it from their reader into Excel."""
    about = "The flagship assay as a plain workbook, 450 nm above 620 nm; the sample sheet is in Excel too."
    plate = _plate("", igm, four_sera(igm), 443, 401)
    table = two_grids(plate.wells, (8, 12))
    sheet = sheet_xlsx(sheet_rows(plate.ids))
    files = {"grid_xlsx.xlsx": xlsx_bytes(table), "grid_xlsx.samples.xlsx": sheet}
    return Case(
        "anti_mag_igm", "grid_xlsx", about, 443, (plate,), "grid_xlsx.xlsx", files, "grid_xlsx.samples.xlsx"
    )


def grid_csv(igm: AssayDefinition) -> Case:
    """As a computer set to German or French writes it."""
    about = "The flagship assay as CSV with semicolons and decimal commas; the reader gave up on one well."
    truth = replace(
        four_sera(igm, (faults.bubble("E5", 3.5),)), reader=PlateReader(ceiling=4.0, overflow_word=True)
    )
    plate = replace(_plate("", igm, truth, 451, 451), verdict="accepted_with_warnings")
    files = {
        "grid_csv.csv": csv_bytes(two_grids(plate.wells, (8, 12)), ";", ","),
        "grid_csv.samples.csv": sheet_csv(sheet_rows(plate.ids)),
    }
    name = "grid_csv_semicolon_comma"
    return Case("anti_mag_igm", name, about, 451, (plate,), "grid_csv.csv", files, "grid_csv.samples.csv")


def kit_plate(kit: AssayDefinition) -> Case:
    """Eighteen sera at one dilution."""
    about = "The kit format: eighteen sera at 1:1000 in duplicate, four calibrators, no HNK1 wells."
    sera = [
        replace(serum, titer=min(serum.titer, 45_000.0))
        for serum in clear_cut_sera(np.random.default_rng(457), 18, kit.assay)
    ]
    truth = PlateTruth(by_slot(kit, sera), control_truths(kit.assay))
    plate = _plate("Plate1", kit, truth, 463, 501)
    block = time_format(SoftMaxPlate("Plate1", plate.wells), reduced=False)
    return _softmax_case(kit, "kit_plate", about, 463, (plate,), [block], SINGLE_BYTE)


def clean_384(big: AssayDefinition) -> Case:
    """Twenty sera on 384 wells."""
    about = "384 wells: twenty sera of the four clear-cut kinds, in random order."
    sera = clear_cut_sera(np.random.default_rng(463), 20, big.assay)
    truth = PlateTruth(by_slot(big, sera), control_truths(big.assay), TrueCurve(top=2.9))
    plate = _plate("Plate384", big, truth, 469, 601)
    block = plate_format(SoftMaxPlate("Plate384", plate.wells, 16, 24))
    return _softmax_case(big, "clean_384", about, 469, (plate,), [block], UTF16)


def unknowns(plain: AssayDefinition) -> Case:
    """Vendor parity: two wells were masked in the reader's software, and there is no sample sheet."""
    about = (
        "A plain quantitative ELISA with the reader's own group tables; wells D6 and F9 were masked in its "
        "software. There is no sample sheet: the samples are named after their slots."
    )
    rng = np.random.default_rng(479)
    names = plain.layout.names(Role.SAMPLE)
    titers = np.exp(rng.uniform(np.log(400.0), np.log(6_000.0), len(names)))
    sera = {n: SerumTruth(round(float(t), 1), "QUANTIFIED", 0.0) for n, t in zip(names, titers, strict=True)}
    masked = ("D6", "F9")
    wrong = (faults.missed_well("D6"), faults.bubble("F9", 0.9))
    curve = TrueCurve(zero=0.04, top=3.0, ec50=24.0, slope=1.1)
    truth = PlateTruth(sera, control_truths(plain.assay), curve, faults=wrong)
    wells = simulated(plain, truth, 487)
    plate = SimulatedPlate("Plate1", truth, wells, {name: name for name in names}, masked=masked)
    section = plate_format(SoftMaxPlate("Plate1", wells))
    groups = [group_block(group, wells, frozenset(masked)) for group in _groups(plain)]
    text = softmax_text(
        [note_block(["Synthetic data"]), section, *groups], "unknowns", "1/12/2026 9:41:07 AM"
    )
    files = {"unknowns.txt": encoded(text, UTF16)}
    return Case("generic_elisa", "unknowns", about, 487, (plate,), "unknowns.txt", files, None)


def _groups(plain: AssayDefinition) -> tuple[Group, Group, Group]:
    return (
        Group("Standards", f"Concentration {plain.assay.unit}", _group_rows(plain, Role.CALIBRATOR)),
        Group("Unknowns", "Dilution", _group_rows(plain, Role.SAMPLE)),
        Group("Controls", "Dilution", _group_rows(plain, Role.CONTROL)),
    )


def _group_rows(plain: AssayDefinition, role: Role) -> tuple[GroupRow, ...]:
    """One sample of a group table with its concentration or dilution."""
    rows = []
    for name in plain.layout.names(role):
        wells = plain.layout.wells(role, name)
        number = plain.assay.calibration.levels.get(name, plain.layout.uses[wells[0]].dilution or 0.0)
        rows.append(GroupRow(name, f"{number:g}", tuple(well.name for well in wells)))
    return tuple(rows)


def _plate(
    name: str, found: AssayDefinition, truth: PlateTruth, seed: int, first_id: int, slots: int | None = None
) -> SimulatedPlate:
    return SimulatedPlate(name, truth, simulated(found, truth, seed), sample_ids(found, first_id, slots))


def _softmax_case(
    found: AssayDefinition,
    name: str,
    about: str,
    seed: int,
    plates: tuple[SimulatedPlate, ...],
    blocks: list[list[str]],
    encoding: str,
) -> Case:
    """A SoftMax Pro export with a CSV sample sheet beside it; the sheet names the plates if there are two."""
    text = softmax_text([note_block(NOTE), *blocks], name, "1/12/2026 4:06:08 PM")
    several = len(plates) > 1
    rows = [row for plate in plates for row in sheet_rows(plate.ids, plate.name if several else None)]
    export, sheet = f"{name}.txt", f"{name}.samples.csv"
    files = {export: encoded(text, encoding), sheet: sheet_csv(rows)}
    return Case(found.folder_name, name, about, seed, plates, export, files, sheet)
