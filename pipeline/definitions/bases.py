"""Which files an assay is made of: its own ``assay.toml``, and the bases that it extends, one after another.

``extends = "base/elisa"`` names a folder with an ``assay.toml`` below the folder of assays
(``plate_layouts``), or below the assay's own folder. ``./x`` and ``../x`` start at the folder of the file in
which they stand. Nothing outside the folder of assays is ever read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline.definitions.faults import toml_document
from pipeline.errors import DefinitionError, nearest

ASSAY_FILE = "assay.toml"
BASE = "base"
"""Folder beside the assays with what they share; no assay itself."""
OWN = "own"
"""Origin of what an assay says itself."""
EXTENDS = "extends"

_PART = re.compile(r"[^\s.\\/:*?\"<>|\x00-\x1f]([^\\/:*?\"<>|\x00-\x1f]*[^\s.\\/:*?\"<>|\x00-\x1f])?\Z")
"""One part of a path, on every system: no drive, no hidden folder, no end that Windows drops."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file that an assay is made of."""

    base: str | None
    """Path of the base, such as ``base/elisa``; None for the assay's own file."""
    folder: Path
    data: bytes
    keys: Mapping[str, Any]
    """What it says, without ``extends``."""

    @property
    def origin(self) -> str:
        """Where its values come from, in a word: ``own``, or the base's path."""
        return OWN if self.base is None else self.base

    @property
    def name(self) -> str:
        """Name for messages and records: ``assay.toml``, ``base/elisa/assay.toml``."""
        return _name(self.base)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the bases of an assay are looked for."""

    own: Path
    """The assay's own folder."""
    shared: tuple[Path, ...]
    """Folders of assays with ``base/``: the one in which the assay lies, then others to look in after it."""
    first: tuple[Path, ...] = ()
    """Folders of assays whose bases come before all others."""

    @property
    def tiers(self) -> Iterator[tuple[Path, ...]]:
        """Folders of equal right, one tier after another."""
        beside, *others = self.shared
        yield from ((folder,) for folder in self.first)
        yield (self.own, beside)
        yield from ((folder,) for folder in others)

    def known(self) -> list[str]:
        """Paths of everything that may be extended, for messages."""
        found = [
            path.parent.relative_to(top).as_posix()
            for tier in self.tiers
            for top in tier
            for pattern in (f"*/{ASSAY_FILE}", f"{BASE}/*/{ASSAY_FILE}")
            for path in top.glob(pattern)
        ]
        return sorted(set(found))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a file stands: below the assay's own folder, or below a folder of assays."""

    top: Path
    path: PurePosixPath

    @property
    def folder(self) -> Path:
        """The folder itself."""
        return self.top / self.path


def sources(shelf: Shelf) -> tuple[Source, ...]:
    """Read an assay's own file and its bases, nearest first.

    Raises:
        DefinitionError: FILE_UNREADABLE, TOML; BASE_PATH, BASE_UNKNOWN, BASE_TWICE, BASE_CIRCLE, naming file
            and key.
    """
    return tuple(_chain(shelf))


def _chain(shelf: Shelf) -> Iterator[Source]:
    place, base, seen = _Place(shelf.own, PurePosixPath()), None, dict[str, Path]()
    while True:
        data = bytes_of(place.folder / ASSAY_FILE)
        keys = toml_document(data, _name(base))
        text = keys.pop(EXTENDS, None)
        yield Source(base, place.folder, data, keys)
        if text is None:
            return
        place = _found(text, place, shelf, _name(base))
        _once(place, seen, _name(base))
        base = place.path.as_posix()
        seen[base] = place.folder


def _name(base: str | None) -> str:
    return ASSAY_FILE if base is None else f"{base}/{ASSAY_FILE}"


def _found(text: object, place: _Place, shelf: Shelf, file: str) -> _Place:
    """The place that ``extends`` names."""
    if not isinstance(text, str) or not text:
        raise _fault("VALUE", "a base is named by its path", file, repr(text), f"such as '{BASE}/elisa'")
    path, tops = _meant(text, place, shelf, file)
    for tier in shelf.tiers:
        there = {(top / path).resolve(): top for top in tier if top in tops and _is_base(top / path)}
        if len(there) > 1:
            raise _twice(f"'{text}'", file)
        for top in there.values():
            return _Place(top, path)
    raise _unknown(text, shelf, file)


def _is_base(folder: Path) -> bool:
    return (folder / ASSAY_FILE).is_file()


def _meant(text: str, place: _Place, shelf: Shelf, file: str) -> tuple[PurePosixPath, set[Path]]:
    """The path, and below which folders it may be: those of assays, the assay's own, or both."""
    shared, own = {*shelf.first, *shelf.shared}, place.top == shelf.own
    if not text.startswith(("./", "../")):
        return _checked(text, PurePosixPath(text).parts, file), shared | ({shelf.own} if own else set())
    parts = list(place.path.parts)
    for step in (part for part in text.split("/") if part not in ("", ".")):
        if step != "..":
            parts.append(step)
        elif parts:
            parts.pop()
        elif own:
            own = False  # the assay's folder stands right below the folder of assays
        else:
            raise _outside(text, file)
    return _checked(text, tuple(parts), file), {shelf.own} if own else shared


def _checked(text: str, parts: tuple[str, ...], file: str) -> PurePosixPath:
    if not parts or text.startswith("/") or not all(_PART.match(part) for part in parts):
        raise _outside(text, file)
    return PurePosixPath(*parts)


def _once(place: _Place, seen: Mapping[str, Path], file: str) -> None:
    """Two files of an assay never share a path: a run keeps them side by side."""
    path = place.path.as_posix()
    if path in seen and seen[path] != place.folder:
        raise _twice(f"'{path}'", file)
    if path in seen:
        way = " -> ".join([*seen, path])
        raise _fault("BASE_CIRCLE", "these bases extend each other in a circle", file, way, "an end")


def _twice(found: str, file: str) -> DefinitionError:
    return _fault(
        "BASE_TWICE",
        "two bases have this path, one of them below the assay's own folder",
        file,
        found,
        "another name for the assay's own",
    )


def _unknown(text: str, shelf: Shelf, file: str) -> DefinitionError:
    known = shelf.known()
    return _fault(
        "BASE_UNKNOWN",
        "there is no such base",
        file,
        f"'{text}'{nearest(text, known)}",
        f"a folder with {ASSAY_FILE} below {shelf.shared[0]}: {', '.join(known) or 'none is there'}",
        action=f"Keep the folder '{BASE}' beside the assays: titerline init adds it to a workspace.",
    )


def _outside(text: str, file: str) -> DefinitionError:
    return _fault(
        "BASE_PATH",
        "a base lies below the folder of assays, or below the assay's own folder",
        file,
        f"'{text}'",
        f"a path such as '{BASE}/elisa', '../other_assay' or './mine', with / between its parts",
    )


def _fault(
    code: str, message: str, file: str, found: str, expected: str, *, action: str | None = None
) -> DefinitionError:
    return DefinitionError(
        code, message, file=file, place=f"key {EXTENDS}", found=found, expected=expected, action=action
    )


def folder_of_assays(folder: Path) -> Path:
    """The folder in which an assay, or a base, lies."""
    beside = folder.resolve().parent
    return beside.parent if beside.name == BASE else beside


def bytes_of(path: Path) -> bytes:
    """What is in a file of the laboratory.

    Raises:
        DefinitionError: FILE_UNREADABLE.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise DefinitionError.unreadable(str(path), error) from error
