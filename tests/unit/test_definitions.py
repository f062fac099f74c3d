"""Assay folders, layouts and sample sheets: what is refused, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.compute.analyse import analyse
from pipeline.definitions import entries_by_plate, load_definition, load_sheet
from pipeline.definitions.assay_folder import AssayDefinition
from pipeline.domain.assay import Assay
from pipeline.domain.layout import Role
from pipeline.domain.limits import Limits
from pipeline.domain.plate import PlateRead
from pipeline.errors import DefinitionError, InputError

SHIPPED = (
    "anti_mag_igm",
    "anti_mag_igm_384",
    "anti_mag_igm_guarded",
    "anti_mag_kit",
    "generic_elisa",
    "anti_mag_hnk1_inhibition",
    "anti_mag_hnk1_absorption",
)


@pytest.fixture
def folder(flat: Callable[[str, Path], Path], tmp_path: Path) -> Path:
    """A copy of the flagship that a test may spoil."""
    return flat("anti_mag_igm", tmp_path / "assay")


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    """Replace the first ``old`` in a file."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(folder: Path) -> str:
    """The message with which a folder is refused."""
    with pytest.raises(DefinitionError) as caught:
        load_definition(folder)
    return str(caught.value)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_assays_are_good(root: Path, name: str) -> None:
    """Every shipped assay loads, has a README and a picture of its plate."""
    definition = load_definition(root / "plate_layouts" / name)
    assert definition.assay.name == name
    assert (root / "plate_layouts" / name / "README.md").is_file()
    assert (root / "plate_layouts" / name / "plate.png").is_file()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_limit_says_where_it_comes_from(root: Path, name: str) -> None:
    """Each limit of a shipped assay has a unit, a consequence and a source."""
    limits = load_definition(root / "plate_layouts" / name).assay.limits
    declared = [getattr(limits, key) for key in Limits.model_fields if getattr(limits, key) is not None]
    assert len(declared) >= 10
    assert all(len(limit.source) > 10 and limit.unit for limit in declared)


def test_flagship_holds_what_the_literature_asks_for(flagship: AssayDefinition) -> None:
    """Four sera, each at four dilutions with two MAG, one antigen-negative and one HNK1 well."""
    layout = flagship.layout
    for slot in ("S1", "S2", "S3", "S4"):
        uses = [layout.uses[w] for w in layout.wells(Role.SAMPLE, slot)]
        for dilution in (1000, 3000, 9000, 27000):
            antigens = sorted(u.antigen for u in uses if u.dilution == dilution)
            assert antigens == ["HNK1", "MAG", "MAG", "none"]


def test_384_holds_twenty_sera(root: Path) -> None:
    """The large plate holds at least twenty sera in series."""
    layout = load_definition(root / "plate_layouts" / "anti_mag_igm_384").layout
    assert len(layout.names(Role.SAMPLE)) >= 20


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "assay.toml",
            "wavelength_nm = 450",
            "wavelenght_nm = 450",
            ["reading.wavelenght_nm", "'wavelength_nm'"],
        ),
        ("assay.toml", 'unit = "%"', 'unit = "mg"', ["unit is 'mg'", "expected '%'"]),
        ("assay.toml", 'on_breach = "fail"', 'on_breach = "explode"', ["on_breach", "'explode'"]),
        ("assay.toml", 'weights = "1/y2"', 'weights = "heavy"', ["curve.weights", "1/y2"]),
        ("assay.toml", 'antigen = "HNK1"', 'antigen = "HNK2"', ["hnk1.antigen is 'HNK2'"]),
        ("assay.toml", "[reading]", "[reading", ["not valid TOML", "line"]),
        ("assay.toml", "CAL1 = 70000", 'CAL1 = "5"', ["calibration.levels.CAL1", "'5'"]),
        ("assay.toml", "CAL1 = 70000", "CAL1 = true", ["calibration.levels.CAL1", "True"]),
        ("assay.toml", "CAL1 = 70000", "CAL1 = 1e300", ["calibration.levels.CAL1", "1e+300"]),
        (
            "assay.toml",
            "[dilution.step_cv]\nvalue = 3.0",
            "[dilution.step_cv]\nvalue = 300",
            ["step_cv.value is 300", "at most 100"],
        ),
        (
            "assay.toml",
            "[dilution.step_cv]\nvalue = 3.0",
            "[dilution.step_cv]\nvalue = -3",
            ["step_cv.value", "-3"],
        ),
        ("assay.toml", "odd_series_p]\nvalue = 0.001", "odd_series_p]\nvalue = 5", ["expected 0 to 1"]),
        ("assay.toml", 'kind = "positive"\ntarget = 3000', 'kind = "positive"', ["needs a target"]),
        (
            "layout.csv",
            "A,calibrator",
            "A,calibrater",
            ["'role', well A1 (cell B2)", "nearest: 'calibrator'"],
        ),
        ("layout.csv", "A,CAL1,", "A,CAL11,", ["'name', well A1", "nearest: 'CAL1'"]),
        ("layout.csv", "A,MAG,MAG", "A,MAG,MGA", ["'antigen', well A2", "nearest: 'MAG'"]),
        ("layout.csv", "1000,1000,1000,1000,1000", "1000,1:1000,1000,1000,1000", ["'1:1000'", "write 1000"]),
        ("layout.csv", "H,blank,", "H,,", ["no role"]),
        ("layout.csv", "dilution,1", "dilutions,1", ["nearest: 'dilution'"]),
        ("layout.csv", "\nH,blank", "\nX,blank", ["row letter", "'H'"]),
    ],
)
def test_a_slip_is_named_with_its_place(folder: Path, file: str, old: str, new: str, says: list[str]) -> None:
    """A wrong definition is refused with file, key or cell, what was found and what was expected."""
    spoil(folder, file, old, new)
    message = refusal(folder)
    assert file in message
    for part in says:
        assert part in message


def test_a_control_that_is_not_on_the_plate_is_named(folder: Path) -> None:
    """A declared control without wells is refused by name."""
    path = folder / "layout.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("PC2", "PC1"), encoding="utf-8")
    assert "control 'PC2'" in refusal(folder)


def test_two_layouts_are_refused(folder: Path) -> None:
    """layout.csv beside layout.xlsx: nobody can know which one was pipetted."""
    (folder / "layout.xlsx").write_bytes(b"PK")
    assert "exactly one layout" in refusal(folder)


def test_a_missing_folder_says_how_to_make_one(tmp_path: Path) -> None:
    """A wrong path ends with the next command."""
    assert "titerline layout new" in refusal(tmp_path / "nothing")


def test_an_xlsx_layout_is_the_same_layout(folder: Path, flagship: AssayDefinition) -> None:
    """A layout kept in Excel, with numbers as numbers, reads like its CSV."""
    from openpyxl import Workbook  # noqa: PLC0415 - only here

    book = Workbook()
    sheet = book.worksheets[0]
    for line in (folder / "layout.csv").read_text(encoding="utf-8").splitlines():
        sheet.append([int(c) if c.isdigit() else (c or None) for c in line.split(",")] if line else [])
    (folder / "layout.csv").unlink()
    book.save(folder / "layout.xlsx")
    assert load_definition(folder).layout.uses == flagship.layout.uses


def sheet(text: str) -> bytes:
    """A sample sheet."""
    return text.encode()


@pytest.mark.parametrize("odd", ["007", "1E5", "=A1", "NA", "None", "true", "@x", "-1+1", "Ä-7"])
def test_ids_stay_what_was_typed(odd: str) -> None:
    """An id that looks like a number, a formula or nothing stays text."""
    (entry,) = load_sheet(sheet(f"slot,sample_id\nS1,{odd}\n"), "p.samples.csv").entries
    assert entry.sample_id == odd


def test_optional_columns_are_kept() -> None:
    """prior_dilution is a number, unknown columns pass through."""
    text = "slot;sample_id;prior_dilution;ward\nS1;X-1;10;N3\n"
    (entry,) = load_sheet(sheet(text), "p.samples.csv").entries
    assert entry.prior_dilution == 10
    assert entry.extra == {"ward": "N3"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("slot,sample\nS1,a\n", "sample_id"),
        ("slot,sample_id\nS1,a\nS1,b\n", "there twice"),
        ("slot,sample_id\nS1,a,b\n", "line 2"),
        ("slot,sample_id\nS1,\n", "no sample id yet"),
        ("slot,sample_id,prior_dilution\nS1,a,1:10\n", "write 10"),
        ("slot,sample_id,prior_dilution\nS1,a,44000000\n", "from 0.001 to 1000000"),
        ("slot,sample_id,prior_dilution\nS1,a,1e-30\n", "from 0.001 to 1000000"),
        ("slot,sample_id\nS1,a\x07b\n", "cannot be seen"),
        ('slot,sample_id\nS1,"a\tb"\n', "cannot be seen"),
        (f"slot,sample_id\nS1,{'x' * 5000}\n", "too long"),
    ],
)
def test_a_wrong_sheet_is_refused(text: str, says: str) -> None:
    """A sheet that cannot be used says which line, and what was expected."""
    with pytest.raises(InputError, match=says):
        load_sheet(sheet(text), "p.samples.csv")


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("", "Write the header and a line for each sample"),
        ("slot;sample_id\0", "save it again as .xlsx or .csv"),
        ("slot,sample_id\n", "Write a line for each sample below the header"),
        ("slot,sample_id\nS1,\nS2,\n", "Type the ids beside their slots"),
    ],
)
def test_a_sheet_is_told_what_it_lacks(text: str, advice: str) -> None:
    """Nothing at all, no text, a header alone, slots without ids: each has a remedy, none a new export."""
    with pytest.raises(InputError) as refused:
        load_sheet(sheet(text), "p.samples.csv")
    assert advice in str(refused.value.action)


def test_a_slot_that_the_layout_lacks_is_named(flagship: AssayDefinition) -> None:
    """A slot that is not on the plate is refused with the nearest one."""
    wrong = load_sheet(sheet("slot,sample_id\nS9,a\n"), "p.samples.csv")
    with pytest.raises(InputError, match="'S9'; nearest: 'S"):
        entries_by_plate(wrong, [PlateRead("P1", 8, 12, ())], flagship.layout)


def test_several_plates_need_a_plate_column(flagship: AssayDefinition) -> None:
    """Two plates in one export: a sheet without a plate column is refused, with one it is split."""
    plates = [PlateRead("P1", 8, 12, ()), PlateRead("P2", 8, 12, ())]
    plain = load_sheet(sheet("slot,sample_id\nS1,a\n"), "p.samples.csv")
    with pytest.raises(InputError, match="2 plates") as refused:
        entries_by_plate(plain, plates, flagship.layout)
    assert "1 (P1), 2 (P2)" in str(refused.value.expected)
    assert "column 'plate'" in str(refused.value.action)
    named = load_sheet(sheet("slot,sample_id,plate\nS1,a,P1\nS1,b,2\n"), "p.samples.csv")
    first, second = entries_by_plate(named, plates, flagship.layout)
    assert (first["S1"].sample_id, second["S1"].sample_id) == ("a", "b")


def test_a_plate_of_another_size_is_sent_to_its_own_inbox(flagship: AssayDefinition) -> None:
    """A 384-well plate dropped for a 96-well assay was measured for another assay."""
    with pytest.raises(InputError) as refused:
        analyse(PlateRead("P1", 16, 24, ()), flagship.layout, flagship.assay, {})
    assert "inbox of the assay" in str(refused.value.action)


def test_the_assay_model_has_no_hidden_default_limits() -> None:
    """A limit that is not declared is absent, never a number in code."""
    assert all(field.default is None for field in Limits.model_fields.values())
    assert Assay.model_config["extra"] == "forbid"
