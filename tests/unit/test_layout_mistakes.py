"""``layout check`` tells every mistake of a folder at once, in plain words with file and place."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.domain.wells import Well

BLOCK_LINES = {"role": 1, "name": 11, "antigen": 21, "dilution": 31}
"""Where the blocks of the flagship's layout begin."""
Check = Callable[[], tuple[int, str]]


class Folder:
    """A copy of the flagship, to make mistakes in."""

    def __init__(self, path: Path) -> None:
        """Keep the path."""
        self.path = path

    def put(self, block: str, wells: str, text: str) -> None:
        """Write a text into the cells of a block."""
        file = self.path / "layout.csv"
        lines = file.read_text(encoding="utf-8").splitlines()
        top = next(n for n, line in enumerate(lines) if line.startswith(f"{block},"))
        for name in wells.split():
            well = Well.parse(name)
            cells = lines[top + 1 + well.row].split(",")
            cells[well.column + 1] = text
            lines[top + 1 + well.row] = ",".join(cells)
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def edit(self, old: str, new: str, file: str = "assay.toml") -> None:
        """Change a text of a file."""
        path = self.path / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Folder:
    """A layout without fault."""
    return Folder(Path(shutil.copytree(root / "plate_layouts" / "anti_mag_igm", tmp_path / "anti_mag_igm")))


@pytest.fixture
def check(folder: Folder, capsys: pytest.CaptureFixture[str]) -> Check:
    """Exit code, and all that the command says, on one line."""

    def run() -> tuple[int, str]:
        code = main(["layout", "check", str(folder.path)])
        shown = capsys.readouterr()
        return code, " ".join((shown.out + shown.err).split())

    return run


def test_a_good_layout_has_a_table_of_its_slots(check: Check) -> None:
    """Wells, coatings and dilutions of each, and nothing to look at."""
    code, text = check()
    assert code == 0
    assert text.startswith("anti_mag_igm: good.")
    assert "S1 16 MAG 8, none 4, HNK1 4 1:1000, 1:3000, 1:9000, 1:27000" in text
    assert "PC2 4 MAG 2, none 1, HNK1 1 1:9000" in text
    assert "Look at this" not in text


READ = [
    ([("name", "A5", "S3")], ("well A5", "Is this well S1's?", "S3", "S1")),
    ([("name", "E5 E6 E7 E8", "s3")], ("'S3'", "'s3'", "look alike")),
    ([("name", "E5", "S 3")], ("'S 3' (well E5)", "look alike")),
    ([("name", "A5 A6", "SO1"), ("name", "A7 A8", "S01")], ("'S01' (well A7 and 1 more)", "'SO1'")),
    ([("antigen", "A7 B7 C7 D7", "MAG")], ("sample S1 (well A5 and 15 more) has no antigen-negative well",)),
    ([("antigen", "A7", "HNK1")], ("HNK1 at 1:1000: 2 wells (A7, A8), the others 1",)),
    ([("dilution", "B5", "300")], ("MAG at 1:300: 1 well (B5), the others 0", "MAG at 1:3000: 1 well (B6)")),
    ([("name", "A5", "PC1")], ("a sample has the name of the control PC1", "well A5")),
    ([("name", "E5 F5 G5 H5 E6 F6 G6 H6 E7 F7 G7 H7 E8 F8 G8 H8", "S9")], ("no slot S2, S5, S6, S7, S8",)),
    (
        [("antigen", "A8 B8 C8 D8 E8 F8 G8 H8 A12 B12 C12 D12 E12 F12 G12 H12", "none")],
        ("HNK1 is declared in assay.toml, but no sample well has it", "HNK1 wells at no dilution"),
    ),
    ([("name", "A2", "CAL2")], ("calibrator CAL1 (well A1): wells: 1, the other levels: 2",)),
]


@pytest.mark.parametrize(("cells", "says"), READ, ids=lambda value: str(value[0])[:40])
def test_a_slip_in_a_layout_that_can_be_read(
    folder: Folder, check: Check, cells: Sequence[tuple[str, str, str]], says: Sequence[str]
) -> None:
    """It is not called good, and the slip is told with its well."""
    for cell in cells:
        folder.put(*cell)
    code, text = check()
    assert code == 0
    assert "to look at" in text or "no serum can become positive" in text
    assert [one for one in says if one not in text] == []
    assert "layout.csv:" in text


DECLARED = [
    (
        "target = 3000",
        "target = 3",
        "key controls.PC1.target: 3 BTU reads in the wells like a calibrator of 3",
    ),
    ("CAL2 = 25000", "CAL2 = 2500", "key calibration.levels: from CAL1 to CAL2 is a step of 28"),
    ("CAL2 = 25000", "CAL2 = 70000", "2 levels are 70000"),
    ('name = "anti_mag_igm"', 'name = "anti_mag"', "key name: 'anti_mag', but the folder is 'anti_mag_igm'"),
    (
        "[calibration.levels]",
        "[calibration]\nreference_dilution = 10\n[calibration.levels]",
        "key cutoff.titer",
    ),
    ("[calibration.levels]", "[cutoff]\ntiter = 1500\n[calibration.levels]", "the cut-off is 1500"),
    ('"HNK1"]     #', '"HNK1", "GM1"]     #', "GM1 is declared in assay.toml, but no sample well has it"),
]


@pytest.mark.parametrize(("old", "new", "says"), DECLARED, ids=lambda value: value[:30])
def test_a_slip_in_what_is_declared(folder: Folder, check: Check, old: str, new: str, says: str) -> None:
    """Numbers that cannot be meant, names that differ, coatings that are nowhere."""
    folder.edit(old, new)
    code, text = check()
    assert code == 0
    assert "to look at" in text
    assert says in text
    assert "assay.toml" in text


REFUSED = [
    (
        "dilution",
        "A5",
        "3.000",
        "block 'dilution', well A5 (cell F32): this dilution can be read in two ways",
    ),
    ("dilution", "A5", "3,000", "block 'dilution', well A5"),
    ("dilution", "A5", "1:1000", "write 1000 for 1:1000"),
    ("dilution", "A5", "-3", "a number above 0"),
    ("antigen", "A5", "MAC", "nearest: 'MAG'"),
    ("role", "A5", "smaple", "nearest: 'sample'"),
    ("name", "A5", "", "a sample well needs the name of its slot"),
    ("name", "A3", "PC9", "nearest: 'PC"),
    ("role", "A5", "", "this well has no role"),
]


@pytest.mark.parametrize(("block", "well", "text", "says"), REFUSED)
def test_a_cell_that_cannot_be_read(
    folder: Folder, check: Check, block: str, well: str, text: str, says: str
) -> None:
    """Block, well and cell are named, and what was expected."""
    folder.put(block, well, f'"{text}"' if "," in text else text)
    code, shown = check()
    assert code == 2
    assert says in shown
    assert "layout.csv" in shown


def test_all_faults_are_told_at_once(folder: Folder, check: Check) -> None:
    """Six mistakes of five kinds are one list; wells with the same one share a line."""
    folder.put("dilution", "A5 A6", "3.000")
    folder.put("antigen", "B5", "MAC")
    folder.put("antigen", "E9", "nono")
    folder.put("role", "C5", "smaple")
    folder.put("name", "G3 G4 H3 H4 E3 E4 F3 F4", "PC1")
    code, text = check()
    assert code == 2
    assert "cannot be used; 5 faults" in text
    assert "well A5 (cell F32): this dilution" in text
    assert "The same at: block 'dilution', well A6 (cell G32)" in text
    assert "the control 'PC2' of assay.toml is not on the plate" in text


def test_all_faults_of_what_is_declared_are_told_at_once(folder: Folder, check: Check) -> None:
    """A misspelt key, a wavelength that no reader has, a target that is no number."""
    folder.edit("[hnk1]", "[reading]\nwavelength_nm = 4500\n[hnk1]")
    folder.edit("target = 3000", 'target = "high"')
    folder.edit("description =", "descripton =")
    code, text = check()
    assert code == 2
    assert "3 faults" in text
    assert "'descripton'; nearest: 'description'" in text
    assert "plate readers measure from 200 to 1100 nm" in text
    assert "key controls.PC1.target" in text


@pytest.mark.parametrize("nm", ["45", "0.45", "450000"])
def test_a_wavelength_that_no_reader_has(folder: Folder, check: Check, nm: str) -> None:
    """Refused in words, with the key."""
    folder.edit("[hnk1]", f"[reading]\nreference_wavelength_nm = {nm}\n[hnk1]")
    code, text = check()
    assert code == 2
    assert "reference_wavelength_nm is" in text


def test_what_a_past_plate_would_have_given(
    folder: Folder,
    root: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Verdict, classes and titers of an old export with this folder; nothing is written."""
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    case = root / "sample_data" / "anti_mag_igm" / "clean_plate"
    command = ["layout", "check", str(folder.path), "--with", str(case / "clean_plate.txt")]
    assert main(command) == 0
    text = capsys.readouterr().out
    assert "accepted" in text
    assert "S1  POSITIVE_HNK1_CONFIRMED" in text
    assert main([*command, "--samples", str(case / "clean_plate.samples.csv")]) == 0
    assert "SYN-0101" in capsys.readouterr().out
    assert sorted(tmp_path.rglob("*")) == before


def test_a_past_plate_that_cannot_be_read_is_said(
    folder: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason of that file, and exit code 2."""
    old = tmp_path / "old.txt"
    old.write_text("nothing", encoding="utf-8")
    assert main(["layout", "check", str(folder.path), "--with", str(old)]) == 2
    assert "not processed" in capsys.readouterr().out
