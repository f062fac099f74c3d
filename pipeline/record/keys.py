"""Identity of jobs and runs: the same bytes with the same sheet and assay are one run, whatever its name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from types import MappingProxyType
from typing import TypeAlias

from pipeline.definitions import AssayDefinition
from pipeline.definitions.assay_folder import LAYOUT_FILES
from pipeline.domain.layout import SampleSheet
from pipeline.domain.names import slug
from pipeline.domain.specificity import Hnk1Result

OtherResults: TypeAlias = Mapping[str, Hnk1Result]
"""Sample id -> HNK1 result of another run, which names that run in its reason."""

ID_MAX = 80
"""Longest run id, in characters: folders below it stay within what Windows allows."""
KEY_SHOWN = 16
"""Characters of a run key in a run id: two keys of one beginning do not come by chance."""
_PLATE_MAX = 20
STEM_SHOWN = 30
"""Characters of an export's slug that every id of its runs begins with, after the date."""

NOTHING: OtherResults = MappingProxyType({})


def file_key(
    data: bytes, sheet: SampleSheet | None, definition: AssayDefinition, other_results: OtherResults = NOTHING
) -> str:
    """Identity of a job before it is read: the same bytes with the same sheet and assay are one job."""
    return run_key(data, "", sheet, definition, other_results)


def run_key(
    data: bytes,
    plate: str,
    sheet: SampleSheet | None,
    definition: AssayDefinition,
    other_results: OtherResults = NOTHING,
    past: Sequence[str] = (),
) -> str:
    """sha256 over the export's bytes, the plate's name, the sample sheet, the assay as declared, the layout.

    What other runs say of the samples belongs to it too, and which past runs (their ids) told the error of a
    dilution step: when that changes, the same export is another run.
    """
    parts = [
        hashlib.sha256(data).hexdigest(),
        plate,
        sheet.sha256 if sheet is not None else "",
        *_declared(definition),
        *(f"{sample}:{found.status}:{found.reason}" for sample, found in sorted(other_results.items())),
        *(f"past:{run}" for run in past),
    ]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _declared(definition: AssayDefinition) -> Iterator[str]:
    """The effective definition and the layout; in older versions the files in which they stand."""
    if definition.sha256:
        yield f"assay:{definition.sha256}"
    for file in definition.files:
        if not definition.sha256 or file.name in LAYOUT_FILES:
            yield f"{file.name}:{file.sha256}"


def run_id(processed_at: str, export_name: str, plate: str | None, key: str) -> str:
    """Date, slug of the export's stem, plate name if there are several, first 16 characters of the key.

    At most 80 characters: the stem gives way to the plate, but not below :data:`STEM_SHOWN`.
    """
    of_plate = slug(plate, _PLATE_MAX) if plate else ""
    room = ID_MAX - len(f"{processed_at[:10]}___") - KEY_SHOWN - len(of_plate)
    return _joined(processed_at[:10], slug(PurePath(export_name).stem, room), of_plate, key[:KEY_SHOWN])


def whole_key_id(processed_at: str, key: str) -> str:
    """A run id that no other key can have: it holds all of it, and no name."""
    return _joined(processed_at[:10], key)


def older_run_ids(processed_at: str, export_name: str, plate: str, key: str) -> tuple[str, str]:
    """How version 0.2 called a run, alone in its export or beside others: 8 characters of the key."""
    start, end = (processed_at[:10], slug(PurePath(export_name).stem)), key[:8]
    return _joined(*start, end), _joined(*start, slug(plate), end)


def _joined(*parts: str) -> str:
    return "_".join(part for part in parts if part)
