"""Records of older versions: read with all that they say, and compared by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from pipeline.domain.findings import About, SubjectKind
from pipeline.record.document import as_recorded, from_json, to_json


def test_a_record_of_an_older_version_is_read_with_all_that_it_says() -> None:
    """What it does not say is marked as a field that came later, so that nobody misses it there."""
    older = (Path(__file__).parent / "records" / "version_0_1_0.json").read_bytes()
    record = from_json(older)
    assert list(unmarked(json.loads(older), record, "")) == []
    assert contains(json.loads(to_json(record)), json.loads(older))


def unmarked(document: Any, read: Any, path: str) -> Iterator[str]:
    """Fields that the document lacks and that are not marked."""
    if is_dataclass(read):
        missing = [one for one in fields(read) if one.name not in document]
        yield from (f"{path}.{one.name}" for one in missing if not one.metadata.get("added"))
        for name in document:
            yield from unmarked(document[name], getattr(read, name), f"{path}.{name}")
    elif isinstance(read, tuple):
        for one, other in zip(document, read, strict=True):
            yield from unmarked(one, other, path)


def contains(whole: Any, part: Any) -> bool:
    """Is everything of the part in the whole, with the same values?"""
    if isinstance(part, dict):
        return all(key in whole and contains(whole[key], value) for key, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(contains, whole, part))
    return bool(whole == part)


def test_what_an_older_version_did_not_say_is_not_compared(factory: ModuleType) -> None:
    """Computed again, such a run is the same; what both say still has to be equal."""
    recorded = factory.run_record()
    recorded = replace(recorded, findings=tuple(replace(one, about=()) for one in recorded.findings))
    about = (About(SubjectKind.PLATE),)
    again = replace(
        recorded,
        run=replace(recorded.run, definition_sha256="ab" * 32),
        findings=tuple(replace(one, about=about) for one in recorded.findings),
    )
    assert recorded.findings
    assert as_recorded(recorded, again) == recorded
    other = replace(again, findings=tuple(replace(one, observed=1e9) for one in again.findings))
    assert as_recorded(recorded, other) != recorded
    declared = {**recorded.settings, "curve": {"model": "4pl", "later": 1}}
    earlier = replace(recorded, settings={**recorded.settings, "curve": {"model": "4pl"}})
    assert as_recorded(earlier, replace(recorded, settings=declared)) == earlier
    newer = replace(recorded, run=replace(recorded.run, definition_sha256="cd" * 32))
    assert as_recorded(newer, again) != newer
