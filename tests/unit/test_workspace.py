"""Folders of a workspace, files that survive a crash, the shipped assays, and WHY.txt."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import os
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.definitions import load_definition
from pipeline.errors import DefinitionError
from pipeline.record.why import MAX_WORDS, why_text
from pipeline.workspace import files, shipped
from pipeline.workspace.folders import Workspace, create_workspace, ignored, open_workspace
from pipeline.workspace.settings import Settings, load_settings


def sha256(data: bytes) -> str:
    """Hash of some bytes."""
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A fresh workspace."""
    return create_workspace(tmp_path / "elisa")


def test_init_makes_every_folder_a_technician_needs(workspace: Workspace) -> None:
    """After init there is an inbox for each shipped assay, and each assay can be loaded."""
    names = shipped.assay_names(shipped.assays_folder())
    assert "anti_mag_igm" in names
    assert sorted(path.name for path in workspace.inbox.iterdir()) == names
    assert all(load_definition(workspace.assays / name).folder_name == name for name in names)
    assert all(p.is_dir() for p in (workspace.processed, workspace.rejected, workspace.reports))


def test_settings_of_a_new_workspace_are_the_defaults(workspace: Workspace) -> None:
    """The file that init writes is valid and shows the defaults as comments."""
    assert load_settings(workspace.settings_file, {}) == Settings()
    shown = workspace.settings_file.read_text(encoding="utf-8").replace("# ", "").splitlines()
    keys = [line.split(" = ")[0] for line in shown if " = " in line]
    assert keys == list(Settings.model_fields)


def test_init_again_overwrites_nothing(workspace: Workspace) -> None:
    """Running init on a workspace adds what is missing and leaves the lab's changes alone."""
    workspace.settings_file.write_text("settle_seconds = 9\n", encoding="utf-8")
    toml = workspace.assays / "anti_mag_igm" / "assay.toml"
    toml.write_text("changed", encoding="utf-8")
    create_workspace(workspace.root)
    assert workspace.settings_file.read_text(encoding="utf-8") == "settle_seconds = 9\n"
    assert toml.read_text(encoding="utf-8") == "changed"


def test_what_is_no_workspace_is_told(tmp_path: Path) -> None:
    """A wrong path gives the command that makes a workspace."""
    with pytest.raises(DefinitionError, match="titerline init"):
        open_workspace(tmp_path)


def test_init_where_nobody_may_write_is_told(tmp_path: Path) -> None:
    """A workspace inside a file cannot be made; the message says so without a stack trace."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DefinitionError) as caught:
        create_workspace(tmp_path / "file" / "elisa")
    assert caught.value.code == "WORKSPACE_UNWRITABLE"


@pytest.mark.parametrize("name", ["plate1.txt", "Plate 3 (copy) \u2013 NEU.xlsx", "tmp.csv", "why.csv"])
def test_ordinary_names_are_not_ignored(name: str) -> None:
    """No export is overlooked for its name."""
    assert not ignored(name)


@pytest.mark.parametrize("name", ["~$p.xlsx", ".hidden", "P.TMP", "a.crdownload", "THUMBS.DB", "WHY.txt"])
def test_temporary_names_are_ignored(name: str) -> None:
    """Owner files, half downloads and our own notes are no exports, in any case of letters."""
    assert ignored(name)


def test_misspelt_assay_gets_the_nearest_name() -> None:
    """``--assay anti_mag`` says what was probably meant."""
    with pytest.raises(DefinitionError, match="nearest: 'anti_mag_") as caught:
        shipped.find_assay("anti_mag")
    assert caught.value.code == "ASSAY_UNKNOWN"


def test_assay_is_found_by_name_and_by_folder(tmp_path: Path) -> None:
    """A shipped name and a folder of the laboratory's own both work."""
    by_name = shipped.find_assay("anti_mag_igm")
    assert by_name == shipped.assays_folder() / "anti_mag_igm"
    assert {"assay.toml", "layout.csv"} <= set(shipped.new_assay("anti_mag_igm", tmp_path / "mine"))
    assert shipped.find_assay(str(tmp_path / "mine")) == tmp_path / "mine"
    with pytest.raises(DefinitionError, match="already"):
        shipped.new_assay("anti_mag_igm", tmp_path / "mine")


def test_write_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk while writing leaves the old file as it was, and no half file beside it."""
    target = tmp_path / "report.html"
    files.write_file(target, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.write_file(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_replace_waits_for_excel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to replace an open file; it is tried again before that counts as a failure."""
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"new")
    real, refusals = Path.replace, [PermissionError(), PermissionError()]

    def refusing(self: Path, goal: Path) -> Path:
        if refusals:
            raise refusals.pop()
        return real(self, goal)

    monkeypatch.setattr(files, "WAITS_S", (0.0, 0.0, 0.0))
    monkeypatch.setattr(Path, "replace", refusing)
    files.replace(source, target)
    assert target.read_bytes() == b"new"


def test_take_moves_a_file_onto_its_copy(tmp_path: Path) -> None:
    """The original ends where its verified copy is, and the inbox is empty."""
    original, kept = tmp_path / "in" / "p.txt", tmp_path / "out" / "p.txt"
    for path in (original, kept):
        path.parent.mkdir()
        path.write_bytes(b"OD")
    assert files.take(original, sha256(b"OD"), kept)
    assert not original.exists()
    assert kept.read_bytes() == b"OD"
    assert files.take(original, sha256(b"OD"), kept), "a repeat changes nothing"


def test_take_leaves_other_content_where_it_is(tmp_path: Path) -> None:
    """A file that was saved anew is not the file that was processed."""
    original, kept = tmp_path / "p.txt", tmp_path / "kept.txt"
    original.write_bytes(b"new")
    kept.write_bytes(b"OD")
    assert not files.take(original, sha256(b"OD"), kept)
    assert original.read_bytes() == b"new"
    assert kept.read_bytes() == b"OD"


def test_take_gives_back_what_was_exchanged_in_the_last_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file exchanged between check and move goes back to the inbox; nothing is overwritten."""
    original, kept = tmp_path / "p.txt", tmp_path / "kept.txt"
    original.write_bytes(b"OD")
    kept.write_bytes(b"OD")
    real = files.replace

    def late(source: Path, target: Path) -> None:
        if source == original:
            original.write_bytes(b"exchanged")
        real(source, target)

    monkeypatch.setattr(files, "replace", late)
    assert not files.take(original, sha256(b"OD"), kept)
    assert original.read_bytes() == b"exchanged"
    assert kept.read_bytes() == b"OD"


def test_take_finishes_what_a_crash_interrupted(tmp_path: Path) -> None:
    """A crash between two renames leaves the file under its travelling name; the repeat brings it home."""
    original, kept = tmp_path / "p.txt", tmp_path / "kept.txt"
    files.temp_beside(kept, files.TAKEN).write_bytes(b"OD")
    assert files.take(original, sha256(b"OD"), kept)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_take_crosses_file_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inbox on a share, archive on a disk: copied, verified, and only then removed."""
    original, kept = tmp_path / "p.txt", tmp_path / "kept.txt"
    original.write_bytes(b"OD")
    real = files.replace

    def across(source: Path, target: Path) -> None:
        if source == original:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        real(source, target)

    monkeypatch.setattr(files, "replace", across)
    assert files.take(original, sha256(b"OD"), kept)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]
    assert kept.read_bytes() == b"OD"


def test_disk_that_lies_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that reads back differently is an error, not an archive."""
    monkeypatch.setattr(files, "hash_of", lambda _: "0" * 64)
    with pytest.raises(OSError, match="does not give back"):
        files.write_verified(tmp_path / "p.txt", b"OD", sha256(b"OD"))


def test_links_are_not_opened(tmp_path: Path) -> None:
    """A link is refused even when it points to a proper file."""
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"OD")
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("this system does not let us make links")
    with pytest.raises(OSError, match="link"):
        files.read_bytes(link)


def test_result_folder_appears_whole(tmp_path: Path) -> None:
    """A report folder has all its files from its first moment, and a later one takes its place whole."""
    target = tmp_path / "run"
    staged = files.stage_folder(target, {"a": b"1", "b": b"2"})
    assert not target.exists()
    files.publish_folder(staged, target)
    files.publish_folder(files.stage_folder(target, {"c": b"3"}), target)
    assert [path.name for path in tmp_path.rglob("*")] == ["run", "c"]


def test_sweep_removes_half_written_files_and_nothing_else(tmp_path: Path) -> None:
    """Only names that hold nothing of value are swept; received files on their way are kept."""
    (tmp_path / f"{files.TEMP}1").write_bytes(b"half")
    files.stage_folder(tmp_path / "run", {"a": b"1"})
    taken = tmp_path / f"{files.TAKEN}1"
    taken.write_bytes(b"OD")
    aside = tmp_path / f"{files.ASIDE}run7"
    aside.mkdir()
    assert files.sweep(tmp_path) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [taken.name, "run7"]


def test_hash_list_escapes_as_sha256sum_does() -> None:
    """Names with a line break cannot forge a line of the list."""
    assert files.hash_list({"a\nb": "00", "c": "11"}) == b"\\00  a\\nb\n11  c\n"


@pytest.mark.parametrize("fault", ["input", "definition", "program"])
def test_why_text_is_short_whatever_was_found(factory: ModuleType, fault: str) -> None:
    """However long the parts are, the note has at most 80 words, all its parts, and the code last."""
    run = dataclasses.replace(
        factory.failed_run(),
        fault=fault,
        place="sheet Results, cell D7 " * 10,
        found="words " * 100,
        expected="other words " * 50,
        action="do this and then that " * 20,
    )
    text = why_text(run)
    assert len(text.split()) <= MAX_WORDS
    parts = ["What happened:", "Where:", "Why it matters:", "What to do:", "Then:", "Code: FILE_EMPTY"]
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)


def test_why_text_says_the_parts_of_a_plain_refusal(factory: ModuleType) -> None:
    """What was found, what was expected and what to do stand in the note in full."""
    text = why_text(factory.failed_run())
    assert "Found: 0 bytes." in text
    assert "What to do: Export the plate again." in text


def test_why_text_sends_to_the_sheet_when_the_sheet_is_wrong(factory: ModuleType) -> None:
    """A wrong sheet is not mended by a new export; what was found stays as it was typed."""
    run = dataclasses.replace(
        factory.failed_run(), action=None, place="p.samples.csv, slot S7", found="slot, sample", sheet=True
    )
    assert "What to do: Correct the sample sheet." in why_text(run)
    assert "Found: slot, sample." in why_text(run)


def test_why_text_has_no_jargon_for_our_own_faults(factory: ModuleType) -> None:
    """A technician does not read the name of an exception."""
    run = dataclasses.replace(factory.failed_run(), fault="program", message="KeyError: 'x'")
    assert "KeyError" not in why_text(run)


def test_received_files_are_removed_in_one_place_only(root: Path) -> None:
    """Raw data is never deleted: one function removes an original, after its copy was verified."""
    hits = [
        f"{path.name}: {line.strip()}"
        for path in sorted((root / "pipeline").rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if any(word in line for word in (".unlink(", "os.remove(", "rmtree("))
    ]
    assert {hit.split(":")[0] for hit in hits} == {"files.py"}
    assert [hit for hit in hits if "original" in hit] == ["files.py: original.unlink()"]
