"""A definition as one complete ``assay.toml`` with the origin of each value, and two of them side by side."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.definitions import Effective, leaves

DIFF_SCHEMA = "titerline.assay-diff/1"
COMMENT_COLUMN = 48
"""Where the origins stand, unless a value is longer."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that two definitions do not share; None where a definition does not say it."""

    key: str
    values: tuple[object, object]
    origins: tuple[str | None, str | None]


def assay_text(found: Effective) -> str:
    """The definition as TOML that can be read back; each value says in a comment where it comes from."""
    files = [f"# {source.origin}: {(source.folder / 'assay.toml').as_posix()}" for source in found.sources]
    return "\n".join([*files, *_table(found.document, (), found)])


def differences(one: Effective, other: Effective) -> list[Difference]:
    """Values that differ, in the order of the first definition; what only the second says comes last."""
    values = dict(leaves(one.document)), dict(leaves(other.document))
    return [
        Difference(
            ".".join(path),
            (values[0].get(path), values[1].get(path)),
            (one.origins.get(path), other.origins.get(path)),
        )
        for path in {**values[0], **values[1]}
        if values[0].get(path) != values[1].get(path)
    ]


def diff_document(names: tuple[str, str], found: Sequence[Difference]) -> dict[str, object]:
    """The differences for programs."""
    rows = [
        {
            "key": one.key,
            "a": one.values[0],
            "b": one.values[1],
            "a_origin": one.origins[0],
            "b_origin": one.origins[1],
        }
        for one in found
    ]
    return {"schema": DIFF_SCHEMA, "a": names[0], "b": names[1], "differences": rows}


def diff_text(names: tuple[str, str], found: Sequence[Difference]) -> str:
    """The differences for people."""
    lines = [f"A  {names[0]}", f"B  {names[1]}", ""]
    for one in found:
        lines.append(one.key)
        for letter, value, origin in zip("AB", one.values, one.origins, strict=True):
            lines.append(f"  {letter}  {_said(value, origin)}")
    if not found:
        lines.append("They say the same.")
    return "\n".join(lines)


def _said(value: object, origin: str | None) -> str:
    return "not declared" if value is None else f"{_value(value)}   ({origin})"


def _table(table: Mapping[str, Any], path: tuple[str, ...], found: Effective) -> Iterator[str]:
    """Values of a table, then its inner tables, as TOML wants them."""
    values = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    if path and (values or not table):
        yield from ("", f"[{'.'.join(map(_key, path))}]")
    elif values:
        yield ""
    for key, value in values.items():
        line = f"{_key(key)} = {_value(value)}"
        yield f"{line:<{COMMENT_COLUMN}}  # {found.origins[(*path, key)]}"
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _table(value, (*path, key), found)


def _key(key: str) -> str:
    return key if _BARE_KEY.match(key) else _text(key)


def _value(value: object) -> str:
    """A value as TOML writes it; whatever is no number, text, truth, list or table keeps its own form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_value(inner)}' for key, inner in value.items())} }}"
    return str(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
