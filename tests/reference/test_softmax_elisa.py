"""Three real ELISA plates whose results the reader's own software printed: every digit of 202 wells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.definitions import AssayDefinition, load_definition
from pipeline.domain.record import RunRecord
from pipeline.process import process_export
from pipeline.process.context import RunContext, current_software

TOLERANCE = 0.0006
"""Prints have three decimals."""
EXPORTS = ("Assay_2.txt", "Assay_3_and_4.txt")


@pytest.fixture(scope="module")
def expected(shared: Path) -> list[dict[str, Any]]:
    """The software's own results of the three plates, in file order."""
    path = shared / "reference_data" / "softmax_elisa" / "expected.json"
    plates: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["plates"]
    return plates


@pytest.fixture(scope="module")
def assay(root: Path, expected: list[dict[str, Any]], tmp_path_factory: Any) -> AssayDefinition:
    """generic_elisa with the plates' own standards, unknowns at 1:10 and control, declared as a lab would."""
    folder = tmp_path_factory.mktemp("assay")
    plate = expected[0]
    levels = {f"STD{s['level']}": s["conc"] for s in plate["standards"]}
    text = f"""
        extends = "generic_elisa"
        name = "softmax_elisa"
        unit = "pg/mL"
        [calibration.levels]
        {"".join(f"STD{n} = 'none'{chr(10)}" for n in range(1, 9) if f"STD{n}" not in levels)}
        {"".join(f"{level} = {conc}{chr(10)}" for level, conc in levels.items())}
        [controls]
        QC1 = "none"
        QC2 = "none"
        QC = {{ kind = "positive", target = 800, source = "test" }}
    """
    (folder / "assay.toml").write_text(text, encoding="utf-8")
    (folder / "layout.csv").write_text(layout_of(plate), encoding="utf-8")
    return load_definition(folder, (root / "plate_layouts",))


def layout_of(plate: dict[str, Any]) -> str:
    """Layout grids of a plate from the wells that its result tables name."""
    uses = {s["well"]: ("calibrator", f"STD{s['level']}", "coated", "") for s in plate["standards"]}
    for group, rows in plate["groups"].items():
        for row in rows:
            role, name, dilution = (
                ("control", "QC", "1") if group == "Control" else ("sample", row["sample"], "10")
            )
            uses[row["well"]] = (role, name, "coated", dilution)
    lines = []
    for index, block in enumerate(("role", "name", "antigen", "dilution")):
        lines.append(",".join([block, *map(str, range(1, 13))]))
        for letter in "ABCDEFGH":
            cells = [uses.get(f"{letter}{c}", ("", "", "", ""))[index] for c in range(1, 13)]
            lines.append(",".join([letter, *cells]))
        lines.append("")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def records(shared: Path, assay: AssayDefinition) -> list[RunRecord]:
    """The three plates, processed from the exports as the reader wrote them."""
    context = RunContext("2026-01-01T12:00:00+00:00", "test", current_software())
    runs = []
    for name in EXPORTS:
        data = (shared / "reference_data" / "softmax_elisa" / name).read_bytes()
        runs += process_export(data, name, assay, None, context)
    assert all(isinstance(run, RunRecord) for run in runs), runs
    return [run for run in runs if isinstance(run, RunRecord)]


def printed(plate: dict[str, Any]) -> dict[str, tuple[float | None, str]]:
    """Well -> (printed concentration, printed text)."""
    wells = {s["well"]: (s["backcalc"], s["backcalc_text"]) for s in plate["standards"]}
    for rows in plate["groups"].values():
        wells.update({row["well"]: (row["result"], row["result_text"]) for row in rows})
    return wells


def test_every_printed_well_concentration_is_reached(
    records: list[RunRecord], expected: list[dict[str, Any]]
) -> None:
    """All 202 concentrations that the software printed, within the rounding of its print."""
    compared = 0
    for record, plate in zip(records, expected, strict=True):
        ours = {well.well: well for well in record.wells}
        for well, (value, _) in printed(plate).items():
            if value is not None:
                assert ours[well].concentration == pytest.approx(value, abs=TOLERANCE), (
                    record.run.plate,
                    well,
                )
                compared += 1
    assert compared == 202


def test_range_and_masked_are_never_numbers(records: list[RunRecord], expected: list[dict[str, Any]]) -> None:
    """Where the software printed Range? or Masked we have a state, not a number."""
    for record, plate in zip(records, expected, strict=True):
        ours = {well.well: well for well in record.wells}
        for well, (_, text) in printed(plate).items():
            if text == "Range?":
                assert ours[well].concentration is None
                assert ours[well].concentration_state in ("below_curve", "above_curve")
            if text == "Masked":
                assert ours[well].concentration is None
                assert ours[well].state == "masked"
                assert ours[well].raw_od is not None


def test_sample_means_are_those_of_the_software(
    records: list[RunRecord], expected: list[dict[str, Any]]
) -> None:
    """Mean of the wells' concentrations times the dilution, for every sample with a printed result."""
    compared = 0
    for record, plate in zip(records, expected, strict=True):
        samples = {sample.sample_id: sample for sample in record.samples}
        for row in plate["groups"]["Unk_Dilution"]:
            if row["adj_result"] is not None:
                titer = samples[row["sample"]].dilutions[0].titer
                assert titer == pytest.approx(row["adj_result"], abs=0.006), row
                compared += 1
    assert compared >= 40


def test_the_reference_wavelength_is_subtracted_well_by_well(records: list[RunRecord]) -> None:
    """OD used = 450 nm minus 620 nm of the same well."""
    for record in records:
        for well in record.wells:
            if well.od is not None and well.raw_od is not None and well.reference_od is not None:
                assert well.od == pytest.approx(well.raw_od - well.reference_od, abs=1e-12)


def test_the_tables_of_the_software_are_kept(records: list[RunRecord], shared: Path) -> None:
    """The vendor's own group tables stay on the record as what they are."""
    assert (shared / "plate_exports").is_dir()
    assert {"Standards", "Unk_Dilution", "Control"} <= {
        group["name"]
        for group in records[0].run.metadata["groups"]  # type: ignore[attr-defined]
    }
