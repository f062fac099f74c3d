"""Identity of jobs and runs: the same bytes with the same sheet and assay are one run, whatever its name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
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
) -> str:
    """sha256 over the export's bytes, the plate's name, the sample sheet, the assay as declared, the layout.

    What other runs say of the samples belongs to it too: when that changes, the same export is another run.
    """
    parts = [
        hashlib.sha256(data).hexdigest(),
        plate,
        sheet.sha256 if sheet is not None else "",
        *_declared(definition),
        *(f"{sample}:{found.status}:{found.reason}" for sample, found in sorted(other_results.items())),
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
    """Date, slug of the export's stem, plate name if there are several, first 8 characters of the key."""
    parts = [processed_at[:10], slug(PurePath(export_name).stem), slug(plate) if plate else "", key[:8]]
    return "_".join(part for part in parts if part)
