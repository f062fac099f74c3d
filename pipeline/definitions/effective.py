"""What an assay says once everything it inherits is in place, and where each value comes from.

Tables merge, lists and values replace. ``"none"`` takes away what a base says with a number, a list or a
table; a limit that is taken away needs a reason in ``[limits_removed]``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from pipeline.definitions.bases import ASSAY_FILE, OWN, Source
from pipeline.definitions.faults import Location
from pipeline.errors import DefinitionError, nearest

Path: TypeAlias = tuple[str, ...]
"""Keys from the top of a definition down to a value."""

SCHEMA = "titerline.assay/1"
NONE = "none"
LIMITS, REMOVED = "limits", "limits_removed"
NAMED_BY_LAB: tuple[Path, ...] = (("calibration", "levels"), ("controls",))
"""Tables whose keys are the laboratory's, in its order, which reports keep."""


@dataclass(frozen=True, slots=True)
class Effective:
    """The whole definition of an assay."""

    document: Mapping[str, Any]
    """Tables and values as one complete ``assay.toml`` would say them."""
    origins: Mapping[Path, str]
    """Each value -> ``own``, or the base that says it."""
    sources: tuple[Source, ...]
    """Files that were read, the assay's own first."""

    @property
    def sha256(self) -> str:
        """Of what is declared: comments, the order of lines and the files it is split into do not count."""
        names = [list(_table_at(self.document, path)) for path in NAMED_BY_LAB]
        text = json.dumps(
            [_as_declared(self.document), names], sort_keys=True, ensure_ascii=True, default=str
        )
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def origins_in_short(self) -> dict[str, list[str]]:
        """Origin -> what comes from it, whole tables by their name."""
        paths: dict[str, list[str]] = {source.origin: [] for source in self.sources}
        for path, origin in _whole(self.document, self.origins, ()):
            paths[origin].append(".".join(path))
        return paths

    @property
    def origin(self) -> dict[str, str]:
        """Path as text -> origin: of each limit or setting as a whole, of its parts where they differ."""
        found: dict[Path, str] = {}
        for path, origin in self.origins.items():
            whole = self.origins.get((*path[:-1], "value"))
            if whole is not None:
                found[path[:-1]] = whole
            if whole != origin:
                found[path] = origin
        return {".".join(path): origin for path, origin in found.items()}

    def origin_in_words(self, name: str) -> str | None:
        """Origin of a limit or a setting; what of it comes from elsewhere is named. None: not declared."""
        origins = self.origin
        parts = [
            f"{path[len(name) + 1 :]} from {o}" for path, o in origins.items() if path.startswith(f"{name}.")
        ]
        return None if name not in origins else "; its ".join([origins[name], *parts])

    def borrowed_sources(self) -> list[str]:
        """Limits and settings with a number that is nearer to the assay than the source beside it."""
        depth = {source.origin: number for number, source in enumerate(self.sources)}
        return [
            ".".join(path[:-1])
            for path, origin in self.origins.items()
            if path[-1] == "source" and depth[origin] > depth[self.origins.get((*path[:-1], "value"), origin)]
        ]

    def file(self, keys: Location) -> str:
        """Name of the file that says what is at this place; of several, the nearest to the assay."""
        path = tuple(str(key) for key in keys)
        while path and not any(at[: len(path)] == path for at in self.origins):
            path = path[:-1]
        found = {origin for at, origin in self.origins.items() if at[: len(path)] == path}
        return next((source.name for source in self.sources if source.origin in found), ASSAY_FILE)

    def around_missing(self, keys: Location) -> str | None:
        """Where something is half declared: that no base declares the rest."""
        path = tuple(str(key) for key in keys)[:-1]
        if len(self.sources) == 1 or not path or any(at[: len(path)] == path for at in self._inherited()):
            return None
        beside = {at[len(path) - 1] for at in self._inherited() if at[: len(path) - 1] == path[:-1]}
        return f"{'.'.join(path)}, which no base declares{nearest(path[-1], beside)}"

    def _inherited(self) -> list[Path]:
        return [path for path, origin in self.origins.items() if origin != OWN]


NOTHING_DECLARED = Effective({}, {}, ())
"""Of an assay that stands in no folder."""


def effective(sources: Sequence[Source]) -> Effective:
    """Put the files of an assay one above the other.

    Args:
        sources: the assay's own file first, as :func:`pipeline.definitions.bases.sources` gives them.

    Raises:
        DefinitionError: LIMIT_UNKNOWN, REASON_MISSING, NOT_REMOVED, naming file and key.
    """
    merged = _Merged({}, {})
    for source in reversed(sources):
        merged.lay(source)
    return Effective(merged.document, merged.origins, tuple(sources))


def effective_document(found: Effective) -> dict[str, object]:
    """Definition and origins, as ``titerline assay show --json`` prints them and every run keeps them."""
    return {"schema": SCHEMA, "definition": found.document, "origin": found.origin}


def effective_json(found: Effective) -> bytes:
    """The same as bytes."""
    return (json.dumps(effective_document(found), ensure_ascii=False, indent=1) + "\n").encode()


@dataclass(frozen=True, slots=True)
class _Merged:
    """The files so far, the outermost base first."""

    document: dict[str, Any]
    origins: dict[Path, str]

    def lay(self, source: Source) -> None:
        """Lay one more file over them."""
        taken = self._taken_away(source)
        self._over(self.document, source.keys, source.origin, ())
        self._reasons(source, taken)

    def _over(self, target: dict[str, Any], keys: Mapping[str, Any], origin: str, at: Path) -> None:
        for key, value in keys.items():
            path = (*at, key)
            before = target.get(key)
            if isinstance(value, Mapping) and isinstance(before, dict):
                self._over(before, value, origin, path)
                continue
            self._forget(path)
            if value == NONE and before is not None and not isinstance(before, str):
                del target[key]
            elif isinstance(value, Mapping):
                target[key] = {}
                self._over(target[key], value, origin, path)
            else:
                target[key] = value
                self.origins[path] = origin

    def _forget(self, path: Path) -> None:
        for old in [one for one in self.origins if one[: len(path)] == path]:
            del self.origins[old]

    def _taken_away(self, source: Source) -> list[str]:
        """Limits that a file takes away; each has to be there, and to have a reason."""
        taken = [name for name, value in _table(source.keys, LIMITS).items() if value == NONE]
        inherited, reasons = _table(self.document, LIMITS), _table(source.keys, REMOVED)
        for name in taken:
            if name not in inherited:
                raise DefinitionError(
                    "LIMIT_UNKNOWN",
                    "a limit that is not inherited cannot be taken away",
                    file=source.name,
                    place=f"key {LIMITS}.{name}",
                    found=f"'{name}'{nearest(name, inherited)}",
                    expected=f"one of {', '.join(inherited) or 'no limit: no base declares any'}",
                )
            if name not in reasons:
                raise DefinitionError(
                    "REASON_MISSING",
                    "a limit that is taken away needs its reason",
                    file=source.name,
                    place=f"key {REMOVED}.{name}",
                    expected=f'{REMOVED}.{name} = "why this limit does not apply"',
                )
        return taken

    def _reasons(self, source: Source, taken: Sequence[str]) -> None:
        """A reason stays for as long as its limit is away."""
        limits = _table(self.document, LIMITS)
        for name in _table(source.keys, REMOVED):
            if name not in taken and name in limits:
                raise DefinitionError(
                    "NOT_REMOVED",
                    "this limit has a reason for being taken away, and is still there",
                    file=source.name,
                    place=f"key {REMOVED}.{name}",
                    expected=f'{LIMITS}.{name} = "{NONE}" beside it, or no reason',
                )
        for name in [name for name in _table(self.document, REMOVED) if name in limits]:
            del self.document[REMOVED][name]
            self._forget((REMOVED, name))
        if self.document.get(REMOVED) == {}:
            del self.document[REMOVED]


def _whole(table: Mapping[str, Any], origins: Mapping[Path, str], at: Path) -> Iterator[tuple[Path, str]]:
    """Tables that come from one file, and values of those that come from several."""
    for key, value in table.items():
        path = (*at, key)
        found = {origin for one, origin in origins.items() if one[: len(path)] == path}
        if len(found) == 1:
            yield path, found.pop()
        elif isinstance(value, Mapping):
            yield from _whole(value, origins, path)


def _table(keys: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = keys.get(name)
    return found if isinstance(found, Mapping) else {}


def _table_at(document: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    for key in path:
        document = _table(document, key)
    return document


def _as_declared(value: Any) -> Any:  # noqa: ANN401 - tables of any depth
    """20 and 20.0 are one number."""
    if isinstance(value, Mapping):
        return {key: _as_declared(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_declared(inner) for inner in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def leaves(document: Mapping[str, Any], at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value of a definition with its path; an empty table has none."""
    for key, value in document.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*at, key))
        else:
            yield (*at, key), value
