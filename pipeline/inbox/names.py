"""Names of files and folders in the inbox: which may be received, and how one is told from another."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.domain.message import Message
from pipeline.errors import nearest_word
from pipeline.workspace.folders import ignored

_EXCEL = (".xlsx", ".xlsm", ".xls", ".csv", ".txt", ".xml")
"""Endings of files that Excel opens, and holds."""


def candidates(folder: Path, notes: list[str]) -> Iterator[Path]:
    """Files that may be exports or sheets; a name is judged before its file is touched."""
    for entry in os.scandir(folder):
        name = shown_name(entry.name)
        if ignored(entry.name):
            continue
        if entry.is_symlink():
            notes.append(
                Message(
                    "{folder}: '{name}' is a link and is not followed: copy the file itself.",
                    folder=folder.name,
                    name=name,
                )
            )
        elif not entry.is_file(follow_symlinks=False):
            notes.append(
                Message(
                    "{folder}: '{name}' is not a file: drop the files themselves.",
                    folder=folder.name,
                    name=name,
                )
            )
        elif name != entry.name:
            notes.append(
                Message("{folder}: '{name}' has a damaged name: rename it.", folder=folder.name, name=name)
            )
        else:
            yield Path(entry.path)


def shown_name(name: str) -> str:
    """The name of a file as it can be printed; another text when the name is damaged."""
    return name.encode("utf-8", "backslashreplace").decode()


def same_stem(stem: str) -> str:
    """Stems that a person calls the same: whatever the case and the way of writing an umlaut."""
    return unicodedata.normalize("NFC", stem).casefold()


def no_assay(folder: str, known: Iterable[str]) -> Message:
    """What is said of a folder that no assay has."""
    near = nearest_word(folder, known)
    if near is None:
        return Message("inbox: the folder '{name}' belongs to no assay.", name=shown_name(folder))
    text = "inbox: the folder '{name}' belongs to no assay; nearest: '{near}'."
    return Message(text, name=shown_name(folder), near=near)


def held(path: object = None) -> Message:
    """What is said of a file that another program holds, or that may not be read: both look alike here."""
    name = shown_name(Path(str(path)).name) if path else ""
    if not name:
        return Message("seen, a file is held elsewhere or may not be opened: close it, check its rights")
    if name.lower().endswith(_EXCEL):
        return Message("seen, {name} is held elsewhere or may not be opened: close it in Excel", name=name)
    return Message("seen, {name} is held elsewhere or may not be opened: check its rights", name=name)
