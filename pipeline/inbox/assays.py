"""The assays of a workspace as they are now: loaded again when one of their files changes."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.definitions import AssayDefinition, load_definition
from pipeline.definitions.bases import ASSAY_FILE
from pipeline.errors import DefinitionError
from pipeline.guarded.received import lots_guarded
from pipeline.workspace.folders import Workspace

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Assays:
    """Each assay, or why it cannot be used; one that is wrong keeps no other from being used."""

    workspace: Workspace
    _known: dict[str, tuple[object, AssayDefinition | DefinitionError]] = field(default_factory=dict)

    def now(self, assay: str) -> AssayDefinition | DefinitionError:
        """Load the assay when its files, those it may extend, or the lot file changed since the last look."""
        try:
            state = self._state(assay)
        except OSError as error:
            return DefinitionError.unreadable(assay, error)
        if assay not in self._known or self._known[assay][0] != state:
            self._known[assay] = (state, self._loaded(assay))
        return self._known[assay][1]

    def _state(self, assay: str) -> object:
        folder, lots_file = self.workspace.assays / assay, self.workspace.lots_file
        extended = folder.parent.rglob(ASSAY_FILE)
        return [_stamp(path) for path in (lots_file, folder.parent, *sorted({*folder.iterdir(), *extended}))]

    def _loaded(self, assay: str) -> AssayDefinition | DefinitionError:
        try:
            definition = load_definition(self.workspace.assays / assay)
            lots_guarded(self.workspace.lots_file, definition, self.workspace.assay_names())
        except DefinitionError as error:
            return error
        except OSError as error:
            return DefinitionError.unreadable(assay, error)
        except Exception as error:
            log.exception("fault of the program with the assay %s", assay)
            return DefinitionError(
                "PROGRAM_FAULT", "the program made a mistake with this assay", found=type(error).__name__
            )
        return definition


def _stamp(path: Path) -> tuple[str, int, int]:
    """What tells that a file changed, or came, or went."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return path.name, 0, -1
    return path.name, state.st_mtime_ns, state.st_size
