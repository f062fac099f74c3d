"""The shipped bases: assays are short, a workspace keeps its own bases, an upgrade changes nothing there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.commands.parts.layout_picture import picture_doubt
from pipeline.definitions import load_definition
from pipeline.domain.record import RunRecord
from pipeline.jobs.direct import process_to_folder
from pipeline.workspace import shipped
from pipeline.workspace.folders import create_workspace
from pipeline.workspace.shipped import load_on_shipped_bases


def lines(folder: Path) -> int:
    """Lines of an assay's own file."""
    return len((folder / "assay.toml").read_text(encoding="utf-8").splitlines())


def test_a_laboratory_reads_its_own_page_and_no_more(root: Path) -> None:
    """The flagship says what is its own in at most 90 lines, a plain ELISA in 40; all inherit."""
    folders = [root / "plate_layouts" / name for name in shipped.assay_names(root / "plate_layouts")]
    assert lines(root / "plate_layouts" / "anti_mag_igm") <= 90
    assert lines(root / "plate_layouts" / "generic_elisa") <= 40
    for folder in folders:
        assert lines(folder) <= 90
        effective = load_definition(folder).effective
        assert "base/elisa" in effective.origin.values()
        assert effective.borrowed_sources() == []


def test_a_new_quantitative_assay_takes_25_lines(root: Path, tmp_path: Path) -> None:
    """The assay of docs/assays.md and a layout process an export: every unknown has its concentration."""
    page = (root / "docs" / "assays.md").read_text(encoding="utf-8")
    text = page.split("```toml\n", maxsplit=1)[1].split("```", maxsplit=1)[0]
    assert len(text.splitlines()) <= 25
    folder = tmp_path / "il6"
    folder.mkdir()
    (folder / "assay.toml").write_text(text, encoding="utf-8")
    shutil.copy(root / "plate_layouts" / "generic_elisa" / "layout.csv", folder)
    export = next((root / "sample_data" / "generic_elisa" / "unknowns").glob("unknowns.*"))
    (outcome,) = process_to_folder([export], str(folder), None, tmp_path / "out")
    record = outcome.result
    assert isinstance(record, RunRecord)
    assert record.run.unit == "pg/mL"
    assert len(record.samples) == 38
    assert {sample.classification for sample in record.samples} <= {"QUANTIFIED", "REPEAT"}
    assert record.curves[0].weighting == "1/y2"


def test_layout_new_makes_a_short_assay_of_its_own_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A new folder holds a page that extends a base, and is good at once."""
    folder = tmp_path / "my_elisa"
    assert main(["layout", "new", str(folder)]) == 0
    assert "titerline layout check" in capsys.readouterr().out
    assert sorted(path.name for path in folder.iterdir()) == ["assay.toml", "layout.csv", "plate.png"]
    assert lines(folder) <= 40
    made = shipped.load_assay(folder).assay
    assert (made.name, made.title) == ("my_elisa", "My elisa")
    assert main(["layout", "check", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("my_elisa: good. My elisa")


def test_a_picture_of_another_layout_is_noticed(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Copied with another assay, or drawn before a change; drawn again it is good."""
    folder = tmp_path / "anti_mag_kit"
    shutil.copytree(root / "plate_layouts" / "anti_mag_kit", folder)
    shutil.copy(root / "plate_layouts" / "anti_mag_igm" / "plate.png", folder)
    assert main(["layout", "check", str(folder)]) == 0
    assert "plate.png: shows another layout" in capsys.readouterr().out
    assert main(["layout", "draw", str(folder), "-o", str(folder / "plate.png")]) == 0
    assert main(["layout", "check", str(folder)]) == 0
    assert "shows another" not in capsys.readouterr().out


def test_the_shipped_pictures_show_the_shipped_layouts(root: Path) -> None:
    """Each bears the mark of its own layout, name and title."""
    for name in shipped.assay_names(root / "plate_layouts"):
        folder = root / "plate_layouts" / name
        assert picture_doubt(shipped.load_assay(folder), folder) is None


def test_a_workspace_has_its_own_bases(tmp_path: Path) -> None:
    """Init copies them; they are no assays, and have no inbox."""
    workspace = create_workspace(tmp_path / "elisa")
    assert shipped.base_names(workspace.assays) == ["base/anti_mag", "base/elisa"]
    assert "base" not in workspace.assay_names()
    assert not (workspace.inbox / "base").exists()
    used = {source.folder for source in load_definition(workspace.assays / "anti_mag_kit").effective.sources}
    assert used == {workspace.assays / name for name in ("anti_mag_kit", "base/anti_mag", "base/elisa")}


@pytest.fixture
def newer(root: Path, tmp_path: Path) -> Path:
    """What another version would ship: the bases with one other limit."""
    folder = Path(shutil.copytree(root / "plate_layouts", tmp_path / "newer"))
    base = folder / "base" / "elisa" / "assay.toml"
    text = base.read_text(encoding="utf-8").replace(
        "[limits.blank_max_od]\nvalue = 0.15", "[limits.blank_max_od]\nvalue = 0.12"
    )
    base.write_text(text, encoding="utf-8")
    return folder


def test_an_upgrade_changes_no_assay_of_a_workspace(
    tmp_path: Path, newer: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The workspace's bases count there; what the shipped base says differently is shown on demand."""
    workspace = create_workspace(tmp_path / "elisa")
    mine = workspace.assays / "anti_mag_igm"
    before = load_definition(mine).sha256
    monkeypatch.setattr(shipped, "assays_folder", lambda: newer)
    create_workspace(workspace.root)
    assert load_definition(mine).sha256 == before
    assert load_on_shipped_bases(mine).sha256 != before
    command = ["assay", "diff", "anti_mag_igm", "--in", str(workspace.root), "--json"]
    assert main(command) == 0
    (only,) = json.loads(capsys.readouterr().out)["differences"]
    assert (only["key"], only["a"], only["b"]) == ("limits.blank_max_od.value", 0.15, 0.12)
    assert main([*command[:3], "shipped:anti_mag_igm", *command[3:]]) == 0
    assert len(json.loads(capsys.readouterr().out)["differences"]) == 1


def test_in_a_workspace_its_assays_come_before_the_shipped_ones(tmp_path: Path) -> None:
    """A name means the laboratory's own assay where one stands in its workspace."""
    workspace = create_workspace(tmp_path / "elisa")
    assert shipped.find_assay("anti_mag_igm", workspace.root) == workspace.assays / "anti_mag_igm"
    assert shipped.find_assay("base/elisa", workspace.root) == workspace.assays / "base" / "elisa"
    own = shipped.assays_folder() / "anti_mag_igm"
    assert shipped.find_assay("shipped:anti_mag_igm", workspace.root) == own
    assert shipped.find_assay("anti_mag_igm", tmp_path) == own
