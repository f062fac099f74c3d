"""What was received is kept as a copy of our own: whoever still holds the original cannot change it."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from pipeline.workspace import files

CONTENT = b"plate 1\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody move an open file")


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """A received file."""
    path = tmp_path / "inbox" / "plate.txt"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path


@pytest.fixture(params=["copied before", "not copied yet"])
def kept(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Where it is kept."""
    path = tmp_path / "processed" / "plate.txt"
    path.parent.mkdir()
    if request.param == "copied before":
        path.write_bytes(CONTENT)
    return path


def test_an_open_handle_cannot_change_what_is_kept(original: Path, kept: Path) -> None:
    """A reader's software that goes on writing writes into a file that nobody keeps."""
    with original.open("ab") as handle:
        assert files.take(original, SHA256, kept)
        handle.write(b"plate 2\n")
    assert kept.read_bytes() == CONTENT
    assert not original.exists()


def test_another_name_of_the_original_cannot_change_what_is_kept(original: Path, kept: Path) -> None:
    """A hard link somewhere else leads to another file than the one that is kept."""
    other = original.with_name("other name")
    os.link(original, other)
    assert files.take(original, SHA256, kept)
    other.write_bytes(b"changed")
    assert kept.read_bytes() == CONTENT


def test_what_was_added_while_it_was_copied_comes_back(
    original: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second plate that is appended in that moment is a new file in the inbox, and not lost."""
    copy = files._keep_copy

    def added(taken: Path, sha256: str, target: Path) -> None:
        copy(taken, sha256, target)
        with taken.open("ab") as handle:
            handle.write(b"plate 2\n")

    monkeypatch.setattr(files, "_keep_copy", added)
    assert not files.take(original, SHA256, kept)
    assert kept.read_bytes() == CONTENT
    assert original.read_bytes() == CONTENT + b"plate 2\n"


def test_a_link_in_the_place_of_the_copy_is_replaced(original: Path, kept: Path) -> None:
    """A copy that another name leads to, too, is not the program's alone, and is made anew."""
    kept.write_bytes(CONTENT)
    other = kept.with_name("other name")
    os.link(kept, other)
    assert files.take(original, SHA256, kept)
    other.write_bytes(b"changed")
    assert kept.read_bytes() == CONTENT
