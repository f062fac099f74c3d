"""Ready sample sheets in the inbox: one for each assay, and one beside each export that waits for one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.definitions import AssayDefinition
from pipeline.domain.layout import Role
from pipeline.domain.plate import PlateLabel
from pipeline.errors import SheetError
from pipeline.guarded.received import HURRY_S, sheet_guarded
from pipeline.jobs.direct import SHEET_ENDINGS
from pipeline.workspace import files

GENERAL = f"TEMPLATE{SHEET_ENDINGS[1]}"
"""The template of an assay, to be copied."""
_OWNERS = ("~${}", ".~lock.{}#")
"""What Excel and LibreOffice lay beside a file that they have open."""


def is_blank(data: bytes, name: str) -> bool:
    """Is this a sample sheet that nobody has filled in?"""
    try:
        sheet_guarded(data, name, HURRY_S)
    except SheetError as error:
        return error.code == "SHEET_NO_IDS"
    return False


def is_open(sheet: Path) -> bool:
    """Does a spreadsheet program have this file open, as far as it tells?"""
    with suppress(OSError):  # a name so long that no owner's file fits beside it
        return any(sheet.with_name(owner.format(sheet.name)).exists() for owner in _OWNERS)
    return False


@dataclass(slots=True)
class Templates:
    """Lays templates into the inbox, each once; what a person deletes stays deleted until the next start."""

    wanted: bool
    _general: dict[str, object] = field(default_factory=dict)
    _laid: dict[Path, str] = field(default_factory=dict)
    """Templates beside exports, and their sha256."""

    def of_assay(self, inbox: Path, definition: AssayDefinition) -> None:
        """Keep the template of an assay as its layout says; one that was filled in is not touched."""
        state = (definition.files, definition.sha256)
        if not self._useful(definition) or self._general.get(definition.folder_name) == state:
            return
        self._general[definition.folder_name] = state
        path, data = inbox / GENERAL, _template(definition, "", ())
        kept = files.read_bytes(path) if path.exists() else None
        if kept is None or (kept != data and is_blank(kept, GENERAL)):
            files.write_file(path, data)

    def beside(self, export: Path, definition: AssayDefinition, plates: Sequence[PlateLabel]) -> None:
        """Lay the sheet of an export that waits for one, under its own name."""
        path = export.with_name(f"{export.stem}{SHEET_ENDINGS[1]}")
        if not (plates and self._useful(definition)) or path in self._laid or path.exists():
            return
        files.write_file(path, _template(definition, export.stem, plates))
        self._laid[path] = files.hash_of(path)

    def is_ours(self, path: Path, sha256: str) -> bool:
        """Is this a template beside an export that nobody touched?"""
        return self._laid.get(path) == sha256

    def take_back(self, path: Path, sha256: str) -> bool:
        """Remove a template of ours that nobody touched and no export waits for any more."""
        if not self.is_ours(path, sha256):
            return False
        del self._laid[path]
        files.discard(path, sha256)
        return True

    def _useful(self, definition: AssayDefinition) -> bool:
        slots = definition.layout.names(Role.SAMPLE)
        return self.wanted and definition.assay.samples.without_sheet == "wait" and bool(slots)


def _template(definition: AssayDefinition, stem: str, plates: Sequence[PlateLabel]) -> bytes:
    from pipeline.report.excel.sheet_template import sheet_template  # noqa: PLC0415 - openpyxl takes a while

    return sheet_template(definition.layout, stem, plates or (PlateLabel(""),))
