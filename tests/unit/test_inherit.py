"""Assays that inherit: which files they are made of, what counts in the end, and what is refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.definitions import AssayDefinition, load_definition, load_effective
from pipeline.errors import DefinitionError
from pipeline.record.keys import file_key
from pipeline.workspace import shipped

LIMIT = 'value = 5\nunit = "%"\non_breach = "warn"\nsource = "base: a convention"\n'
MINIMAL = """\
unit = "ng/mL"
antigens = ["coated"]
[reading]
wavelength_nm = 450
[calibration]
antigen = "coated"
reference_dilution = 1
source = "the standard's certificate"
[curve]
source = "a four-parameter logistic"
[dilution]
step_cv = { value = 3, unit = "%", source = "assumed" }
hook_sd = { value = 3, unit = "SD", source = "assumed" }
hook_percent = { value = 5, unit = "%", source = "assumed" }
[limits.replicate_cv]
value = 20
unit = "%"
on_breach = "warn"
source = "base: a convention"
[limits.wells_missing]
value = 0
unit = "wells"
on_breach = "warn"
source = "base: a choice"
"""
"""What a base may say for many assays."""

OWN = """\
extends = "base/plain"
name = "mine"
title = "Mine"
version = "1"
[calibration.levels]
L1 = 100
L2 = 10
"""


def grid(name: str, cells: dict[str, str]) -> str:
    """One block of a layout."""
    columns = range(1, 13)
    lines = [f"{name}," + ",".join(map(str, columns))]
    lines += [f"{row}," + ",".join(cells.get(f"{row}{one}", "") for one in columns) for row in "ABCDEFGH"]
    return "\n".join(lines) + "\n"


ROLES = {"A1": "calibrator", "A2": "calibrator", "B1": "sample"}
LAYOUT = "\n".join(
    [
        grid("role", ROLES),
        grid("name", {"A1": "L1", "A2": "L2", "B1": "S1"}),
        grid("antigen", dict.fromkeys(ROLES, "coated")),
        grid("dilution", {"B1": "100"}),
    ]
)


@pytest.fixture
def assays(tmp_path: Path) -> Path:
    """A folder of assays with one base and one assay."""
    folder = tmp_path / "plate_layouts"
    write(folder / "base" / "plain", MINIMAL)
    write(folder / "mine", OWN)
    (folder / "mine" / "layout.csv").write_text(LAYOUT, encoding="utf-8")
    return folder


def write(folder: Path, text: str) -> None:
    """An assay.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "assay.toml").write_text(text, encoding="utf-8")


def refusal(folder: Path) -> DefinitionError:
    """How a definition is refused."""
    with pytest.raises(DefinitionError) as caught:
        load_definition(folder)
    return caught.value


def key(found: AssayDefinition) -> str:
    """Run key of some export with this assay."""
    return file_key(b"OD", None, found)


def test_an_assay_says_only_what_is_its_own(assays: Path) -> None:
    """What the base says counts as if it stood in the assay; each value knows where it comes from."""
    found = load_definition(assays / "mine")
    assert found.assay.name == "mine"
    assert found.assay.limits.replicate_cv is not None
    assert found.effective.origin["limits.replicate_cv"] == "base/plain"
    assert found.effective.origin["calibration.levels.L1"] == "own"
    assert [file.name for file in found.files] == ["assay.toml", "layout.csv", "base/plain/assay.toml"]


def test_tables_merge_and_lists_and_values_replace(assays: Path) -> None:
    """A key overrides its own path and nothing beside it; a list is replaced as a whole."""
    more = 'antigens = ["coated", "none"]\n[limits.replicate_cv]\nvalue = 15\nsource = "our own 40 plates"\n'
    write(assays / "mine", OWN.replace("[calibration.levels]", f"{more}[calibration.levels]"))
    found = load_definition(assays / "mine")
    limit = found.assay.limits.replicate_cv
    assert limit is not None
    assert (limit.value, limit.unit, limit.on_breach, limit.source) == (15, "%", "warn", "our own 40 plates")
    assert found.assay.antigens == ("coated", "none")
    assert found.assay.limits.wells_missing is not None
    assert found.effective.origin["limits.replicate_cv"] == "own"
    assert found.effective.origin["limits.replicate_cv.unit"] == "base/plain"
    assert found.effective.borrowed_sources() == []


def test_a_number_of_ones_own_under_the_source_of_a_base_is_remarked(assays: Path) -> None:
    """Who changes a limit is asked where the new number comes from."""
    write(assays / "mine", OWN + "[limits.replicate_cv]\nvalue = 15\n")
    assert load_definition(assays / "mine").effective.borrowed_sources() == ["limits.replicate_cv"]
    write(assays / "mine", OWN + '[limits.replicate_cv]\nsource = "looked at again"\n')
    assert load_definition(assays / "mine").effective.borrowed_sources() == []


def test_chains_are_followed(assays: Path) -> None:
    """A base may extend another; the nearest says the last word."""
    write(
        assays / "base" / "near",
        'extends = "base/plain"\n[limits.replicate_cv]\nvalue = 10\n[curve]\nmodel = "5pl"\n',
    )
    write(assays / "mine", OWN.replace("base/plain", "base/near"))
    found = load_definition(assays / "mine")
    assert found.assay.curve.model == "5pl"
    assert found.effective.origin["limits.replicate_cv"] == "base/near"
    assert found.effective.origin["limits.wells_missing"] == "base/plain"


@pytest.mark.parametrize(
    "text", ["../base/plain", "base/plain", "./kept/plain", "kept/plain", "../plain_assay"]
)
def test_a_base_is_a_path_below_the_assays_or_from_ones_own_folder(assays: Path, text: str) -> None:
    """Shared bases, other assays and bases in the assay's own folder can all be extended."""
    write(assays / "mine" / "kept" / "plain", MINIMAL)
    write(assays / "plain_assay", MINIMAL)
    write(assays / "mine", OWN.replace("base/plain", text))
    assert load_definition(assays / "mine").assay.limits.replicate_cv is not None


@pytest.mark.parametrize(
    "text",
    [
        "/etc/base",
        "../../base",
        "base/../../x",
        "C:/base",
        "..\\\\base",
        "base/.hidden",
        "./.",
        "../..",
        "a\\u0000b",
    ],
)
def test_nothing_outside_the_folder_of_assays_is_read(assays: Path, text: str) -> None:
    """A path that leaves the folder of assays is refused, even when something is there."""
    write(assays.parent / "base", MINIMAL)
    write(assays / "mine", OWN.replace("base/plain", text))
    found = refusal(assays / "mine")
    assert found.code == "BASE_PATH"
    assert (found.file, found.place) == ("assay.toml", "key extends")


def test_an_unknown_base_gets_the_nearest_name(assays: Path) -> None:
    """A misspelt base is refused with file, key and what was probably meant."""
    write(assays / "mine", OWN.replace("base/plain", "base/plian"))
    found = refusal(assays / "mine")
    assert (found.code, found.file, found.place) == ("BASE_UNKNOWN", "assay.toml", "key extends")
    assert "nearest: 'base/plain'" in str(found)


def test_a_circle_is_refused(assays: Path) -> None:
    """Bases that extend each other are named in their order."""
    write(assays / "base" / "plain", 'extends = "base/near"\n' + MINIMAL)
    write(assays / "base" / "near", 'extends = "../plain"\n')
    found = refusal(assays / "mine")
    assert found.code == "BASE_CIRCLE"
    assert "base/plain -> base/near -> base/plain" in str(found)
    write(assays / "mine", OWN.replace("base/plain", "../mine"))
    assert refusal(assays / "mine").code == "BASE_CIRCLE"


def test_a_path_that_could_mean_two_bases_is_refused(assays: Path) -> None:
    """One below the assays and one of the same path below the assay's own folder: nobody could know."""
    write(assays / "mine" / "base" / "plain", MINIMAL)
    assert refusal(assays / "mine").code == "BASE_TWICE"
    write(assays / "mine", OWN.replace("base/plain", "./base/plain"))
    assert load_definition(assays / "mine").assay.name == "mine"


@pytest.mark.parametrize(
    ("more", "file", "says"),
    [
        ("[limits.replicate_vc]\nvalue = 1\n", "assay.toml", "nearest: 'replicate_cv'"),
        ("[curve]\nmodle = '5pl'\n", "assay.toml", "nearest: 'model'"),
        ("[limits.control_cv]\nvalue = 1\n", "assay.toml", "limits.control_cv, which no base declares"),
        ("[controls.PC]\ntarget = 3\n", "assay.toml", "controls.PC, which no base declares"),
        ("[limits.replicate_cv]\nunit = 'OD'\n", "assay.toml", "replicate_cv.unit is 'OD'"),
    ],
)
def test_an_override_of_what_is_not_there_is_refused(assays: Path, more: str, file: str, says: str) -> None:
    """A misspelt override is an error with file, key and nearest name, never a new limit or a default."""
    write(assays / "mine", OWN + more)
    found = refusal(assays / "mine")
    assert found.file == file
    assert says in str(found)


def test_a_fault_in_a_base_names_the_base(assays: Path) -> None:
    """Nobody searches their own file for a mistake that stands in another."""
    write(assays / "base" / "plain", MINIMAL.replace("wavelength_nm", "wavelenght_nm"))
    found = refusal(assays / "mine")
    assert (found.file, found.place) == ("base/plain/assay.toml", "key reading.wavelenght_nm")
    write(assays / "base" / "plain", MINIMAL + "[")
    assert refusal(assays / "mine").file == "base/plain/assay.toml"


def test_a_limit_is_taken_away_with_a_reason(assays: Path) -> None:
    """The limit is gone, its reason stays in the definition."""
    away = 'limits.replicate_cv = "none"\nlimits_removed.replicate_cv = "single wells"\n'
    write(assays / "mine", OWN.replace("[calibration", f"{away}[calibration"))
    found = load_definition(assays / "mine")
    assert found.assay.limits.replicate_cv is None
    assert found.assay.limits_removed == {"replicate_cv": "single wells"}
    assert "limits.replicate_cv" not in found.effective.origin


@pytest.mark.parametrize(
    ("more", "code", "place"),
    [
        ('[limits]\nreplicate_cv = "none"\n', "REASON_MISSING", "key limits_removed.replicate_cv"),
        ('[limits]\nreplicate_vc = "none"\n', "LIMIT_UNKNOWN", "key limits.replicate_vc"),
        (
            '[limits_removed]\nreplicate_cv = "single wells"\n',
            "NOT_REMOVED",
            "key limits_removed.replicate_cv",
        ),
        ('[limits_removed]\nreplicate_vc = "single"\n', "VALUE", "key limits_removed"),
    ],
)
def test_a_limit_is_not_taken_away_by_a_slip(assays: Path, more: str, code: str, place: str) -> None:
    """Without a reason, or by a wrong name, no limit disappears."""
    write(assays / "mine", OWN + more)
    found = refusal(assays / "mine")
    assert (found.code, found.place) == (code, place)
    assert code in ("REASON_MISSING", "NOT_REMOVED") or "nearest: 'replicate_cv'" in str(found)


def test_a_limit_that_was_taken_away_can_come_back(assays: Path) -> None:
    """An assay above a base that left a limit out may declare it again; the reason goes with it."""
    near = (
        'extends = "base/plain"\nlimits.replicate_cv = "none"\nlimits_removed.replicate_cv = "single wells"\n'
    )
    write(assays / "base" / "near", near)
    write(assays / "mine", OWN.replace("plain", "near") + "[limits.replicate_cv]\n" + LIMIT)
    found = load_definition(assays / "mine").assay
    assert found.limits.replicate_cv is not None
    assert found.limits_removed is None


def test_other_tables_and_numbers_can_be_taken_away_too(assays: Path) -> None:
    """An assay that extends another one need not have all of its levels and controls."""
    write(
        assays / "base" / "plain", MINIMAL + '[controls.C]\nkind = "positive"\ntarget = 5\nsource = "lot"\n'
    )
    write(assays / "other", OWN.replace("L2 = 10", "L2 = 10\nL3 = 1"))
    own = 'extends = "other"\nname = "mine"\ncontrols.C = "none"\ncalibration.levels.L3 = "none"\n'
    write(assays / "mine", own)
    found = load_definition(assays / "mine").assay
    assert not found.controls
    assert list(found.calibration.levels) == ["L1", "L2"]
    assert found.calibration.zero == "none"


def test_the_run_key_takes_what_is_declared_not_how_it_is_written(assays: Path) -> None:
    """Comments, the order of lines and a split into files make no new run; any other number does."""
    before = load_definition(assays / "mine")
    write(assays / "mine", "# a remark\n" + OWN.replace("L1 = 100", "L1 = 100.0"))
    assert key(load_definition(assays / "mine")) == key(before)
    top, levels = OWN.removeprefix('extends = "base/plain"\n').split("[", maxsplit=1)
    write(assays / "mine", f"{top}{MINIMAL}[{levels}")
    alone = load_definition(assays / "mine")
    assert len(alone.files) == 2
    assert key(alone) == key(before)
    write(assays / "mine", OWN.replace("L1 = 100", "L1 = 101"))
    assert key(load_definition(assays / "mine")) != key(before)
    write(assays / "mine", OWN)
    write(assays / "base" / "plain", MINIMAL.replace("value = 20", "value = 21"))
    assert key(load_definition(assays / "mine")) != key(before)


def test_the_order_of_controls_and_levels_counts(assays: Path) -> None:
    """Reports keep the laboratory's order, so that another order is another definition."""
    before = load_definition(assays / "mine")
    write(assays / "mine", OWN.replace("L1 = 100\nL2 = 10", "L2 = 10\nL1 = 100"))
    assert key(load_definition(assays / "mine")) != key(before)


def test_older_versions_made_keys_of_the_files(assays: Path) -> None:
    """A run of an older version is found again under its own key: without a hash of the definition."""
    found = load_definition(assays / "mine")
    older = replace(found, sha256="", files=found.files[:2])
    other = replace(older, files=(found.files[0], found.files[2]))
    assert len({key(found), key(older), key(other)}) == 3


def test_base_is_no_assay(assays: Path) -> None:
    """Neither the folder of bases nor a base is taken for an assay."""
    write(assays / "base", MINIMAL)
    assert shipped.assay_names(assays) == ["mine"]
    assert shipped.base_names(assays) == ["base/plain"]


def test_outside_of_a_workspace_the_shipped_bases_help_out(assays: Path, tmp_path: Path) -> None:
    """A copied assay works anywhere; in a workspace only the workspace's own bases count."""
    alone = Path(shutil.copytree(assays / "mine", tmp_path / "alone" / "mine"))
    with pytest.raises(DefinitionError, match="no such base"):
        shipped.load_assay(alone)
    assert shipped.shared_folders(alone) == (tmp_path / "alone", shipped.assays_folder())
    (tmp_path / "titerline.toml").write_text("", encoding="utf-8")
    assert shipped.shared_folders(assays / "mine") == (assays,)
    assert shipped.shared_folders(assays / "base" / "plain") == (assays,)


def test_show_prints_a_complete_assay_toml(assays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``titerline assay show`` says the whole definition as one file that can be used in its place."""
    away = 'limits.wells_missing = "none"\nlimits_removed.wells_missing = "a \\"quoted\\" reason, 5 µL"\n'
    write(assays / "mine", OWN.replace("[calibration", f"{away}[calibration"))
    before = load_definition(assays / "mine")
    assert main(["assay", "show", str(assays / "mine")]) == 0
    text = capsys.readouterr().out
    assert "wavelength_nm = 450                               # base/plain" in text
    write(assays / "mine", text)
    again = load_definition(assays / "mine")
    assert again.assay == before.assay
    assert key(again) == key(before)


def test_show_json_gives_definition_and_origin(assays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The document of the contract: schema, the complete definition, the origin of each value."""
    assert main(["assay", "show", str(assays / "mine"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "titerline.assay/1"
    assert document["definition"]["limits"]["replicate_cv"]["value"] == 20
    assert "extends" not in document["definition"]
    assert document["origin"]["limits.replicate_cv"] == "base/plain"
    assert document["origin"]["name"] == "own"


def test_diff_names_every_value_that_differs(assays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two assays side by side: key, both values, and which file says each."""
    other = Path(shutil.copytree(assays / "mine", assays / "other"))
    write(other, OWN + "[limits.replicate_cv]\nvalue = 15\n")
    assert main(["assay", "diff", str(assays / "mine"), str(other), "--json"]) == 0
    (only,) = json.loads(capsys.readouterr().out)["differences"]
    expected = {
        "key": "limits.replicate_cv.value",
        "a": 20,
        "b": 15,
        "a_origin": "base/plain",
        "b_origin": "own",
    }
    assert only == expected
    assert main(["assay", "diff", str(assays / "mine"), str(assays / "mine")]) == 0
    assert "They say the same." in capsys.readouterr().out


def test_a_base_alone_can_be_shown(assays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A base is no whole assay, and is shown as what it is."""
    assert main(["assay", "show", str(assays / "base" / "plain"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["definition"]["unit"] == "ng/mL"
    assert load_effective(assays / "base" / "plain").origin["unit"] == "own"


def test_layout_check_and_rules_say_where_values_come_from(
    assays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Own or which base: for every value in ``layout check``, for each limit in ``rules``."""
    write(assays / "mine", OWN + "[limits.replicate_cv]\nvalue = 15\n")
    assert main(["layout", "check", str(assays / "mine")]) == 0
    told = capsys.readouterr().out
    assert "own: " in told
    assert "base/plain: " in told
    assert "Remark: limits.replicate_cv" in told
    assert main(["rules", "--assay", str(assays / "mine"), "--json"]) == 0
    rows = {row["limit_key"]: row for row in json.loads(capsys.readouterr().out)}
    origin = rows["replicate_cv"]["origin"]
    assert origin.startswith("own; its unit from base/plain")
    assert rows["wells_missing"]["origin"] == "base/plain"
    assert rows["edge_effect"]["origin"] is None


def test_rules_say_why_a_limit_was_taken_away(assays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who reads the rules sees that a limit is missing on purpose."""
    away = 'limits.wells_missing = "none"\nlimits_removed.wells_missing = "strips are left out"\n'
    write(assays / "mine", OWN.replace("[calibration", f"{away}[calibration"))
    assert main(["rules", "--assay", str(assays / "mine")]) == 0
    assert "taken away: strips are left out" in capsys.readouterr().out
