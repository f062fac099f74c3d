"""What lies in the inbox: which files belong together, which are ready, what each of the others waits for.

The folders are listed anew at every look: events lie, listings do not.
"""

from __future__ import annotations

import logging
import math
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.definitions import AssayDefinition
from pipeline.domain.message import Message, joined
from pipeline.inbox.assays import Assays
from pipeline.inbox.complete import Track, Tracker
from pipeline.inbox.corrected import FETCHED, LONELY, fetched
from pipeline.inbox.names import candidates, no_assay, same_stem, shown_name
from pipeline.inbox.pairs import LOCKED, InboxFile, misnamed, obstacle, sheet_ending
from pipeline.inbox.sight import Ready, Sight, Waiting
from pipeline.inbox.templates import GENERAL, Templates, is_blank, is_open
from pipeline.jobs.bench import now
from pipeline.jobs.direct import SHEET_ENDINGS
from pipeline.jobs.produce import FirstLook, first_look, job_of
from pipeline.jobs.run import JobOutcome
from pipeline.process.context import RunContext, current_software
from pipeline.record.job import Job, Received, RunLine
from pipeline.record.keys import NOTHING, OtherResults
from pipeline.runs.other_runs import OtherRuns, asks_others, sheet_results
from pipeline.workspace import files
from pipeline.workspace.folders import Workspace, ignored, make_inboxes
from pipeline.workspace.settings import Settings

LOOK_S = 5.0
"""After so much of a look nothing is read any more for what has no sheet yet: others are ready."""

log = logging.getLogger(__name__)

BACK_OFF_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Waits between tries of a job that something blocks; the last one repeats."""


@dataclass(frozen=True, slots=True)
class _Try:
    """How the last try of a job ended that is still there."""

    message: str
    retry_at: float | None
    """None: only when its files change, or patience is over."""
    count: int
    slow: bool = False


@dataclass(slots=True)
class Inbox:
    """The inbox of a workspace, remembered from look to look."""

    workspace: Workspace
    settings: Settings
    clock: Callable[[], float]
    """Monotonic, in seconds."""
    run_of_content: Callable[[str, str], str | None]
    """sha256 and assay of an export -> run id of an earlier run of it, with whatever sheet."""
    other_runs: OtherRuns | None = None
    """Earlier runs, for assays that take HNK1 results from them."""
    recent_runs: Callable[[], Sequence[RunLine]] | None = None
    """Newest first: a corrected sheet that comes alone belongs to one of them."""
    tracker: Tracker = field(init=False)
    templates: Templates = field(init=False)
    _began: float = 0.0
    """When this look began."""
    _tries: dict[str, _Try] = field(default_factory=dict)
    _assays: Assays = field(init=False)

    def __post_init__(self) -> None:
        """Start with an empty memory."""
        self.tracker = Tracker(self.settings.settle_seconds, self.clock)
        self._assays = Assays(self.workspace)
        self.templates = Templates(self.settings.sheet_templates)

    def look(self) -> Sight:
        """List the inbox once.

        Raises:
            OSError: the inbox itself cannot be listed.
        """
        self._began = self.clock()
        notes: list[str] = []
        listed = {folder: _listed(folder, notes) for folder in self._folders(notes)}
        self.tracker.keep_only(path for paths in listed.values() for path in paths)
        seen = [item for folder, paths in listed.items() for item in self._seen_in(folder.name, paths, notes)]
        ready = [item for item in seen if isinstance(item, Ready)]
        ready.sort(key=self._turn)
        return Sight(tuple(item for item in seen if isinstance(item, Waiting)), tuple(ready), tuple(notes))

    def note_outcome(self, job: Job, outcome: JobOutcome) -> None:
        """Remember how a try ended, for files that are still there."""
        if outcome.state == "changed":
            for received in job.received:
                self.tracker.forget(self.workspace.inbox / received.path)
        elif outcome.state == "slow":
            self._tries[job.key] = _Try(outcome.message, self.clock(), 1, slow=True)
        elif outcome.state == "incomplete":
            self._tries[job.key] = _Try(_incomplete(outcome.message), None, 1)
        elif outcome.state == "sheet":
            self._tries[job.key] = _Try(outcome.message, math.inf, 1)
        elif outcome.message:
            self.blocked(job, outcome.message)
        else:
            self._tries.pop(job.key, None)

    def blocked(self, job: Job, message: str) -> None:
        """Try a job again later, each time a little later."""
        count = self._tries[job.key].count if job.key in self._tries else 0
        wait = BACK_OFF_S[min(count, len(BACK_OFF_S) - 1)]
        self._tries[job.key] = _Try(message, self.clock() + wait, count + 1)

    def _folders(self, notes: list[str]) -> Iterator[Path]:
        known = self.workspace.assay_names()
        entries = sorted(os.scandir(self.workspace.inbox), key=lambda entry: entry.name)
        make_inboxes(self.workspace, set(known) - {entry.name for entry in entries})
        for entry in entries:
            if ignored(entry.name):
                continue
            if not entry.is_dir(follow_symlinks=False):
                notes.append(
                    Message(
                        "inbox: '{name}' is not looked at: put it in its assay's folder.",
                        name=shown_name(entry.name),
                    )
                )
            elif entry.name not in known:
                notes.append(no_assay(entry.name, known))
            else:
                yield Path(entry.path)

    def _seen_in(self, assay: str, paths: Sequence[Path], notes: list[str]) -> Sequence[Waiting | Ready]:
        """What a folder holds; whatever goes wrong in one folder keeps no other waiting."""
        try:
            return list(self._look_at(assay, paths, notes))
        except Exception:
            log.exception("fault of the program in the inbox of %s", assay)
            notes.append(Message("{folder}: the program made a mistake here; tell your IT.", folder=assay))
            return ()

    def _look_at(self, assay: str, paths: Sequence[Path], notes: list[str]) -> Iterator[Waiting | Ready]:
        exports, sheets = self._paired(paths)
        definition = self._assays.now(assay) if exports or self.settings.sheet_templates else None
        if isinstance(definition, AssayDefinition):
            self._lay_template(definition)
        elif definition is not None and exports:
            notes.append(
                Message(
                    "The assay {assay} cannot be used until this is corrected: {why}",
                    assay=assay,
                    why=definition.text(),
                )
            )
        for stem, group in exports.items():
            for export in group:
                text = obstacle(export, sheets.get(stem, []), len(group))
                if text and not all(sheet.track.complete for sheet in sheets.get(stem, [])):
                    yield Waiting(assay, export.path.name, text, blocked=True, settling=True)
                elif text or not isinstance(definition, AssayDefinition):
                    text = text or "seen, waiting until its assay is corrected"
                    yield Waiting(assay, export.path.name, text, blocked=True)
                else:
                    yield self._decided(export, sheets.get(stem, []), definition)
        bare = sorted(group[0].path.name for stem, group in exports.items() if not sheets.get(stem))
        for stem in sheets.keys() - exports.keys():
            for sheet in sheets[stem]:
                text = self._alone(sheet, stem)
                text = misnamed(sheet, bare) if text == LONELY and bare else text
                if text:
                    settling = text == FETCHED or not sheet.track.complete
                    yield Waiting(assay, sheet.path.name, text, settling=settling)

    def _lay_template(self, definition: AssayDefinition) -> None:
        with suppress(OSError):  # the inbox is read-only or full: templates are a help, no condition
            self.templates.of_assay(self.workspace.inbox / definition.folder_name, definition)

    def _alone(self, sheet: InboxFile, stem: str) -> str:
        """What a sample sheet without an export waits for; nothing for a template."""
        if sheet.path.name == GENERAL and (self._blank(sheet) or not sheet.track.complete):
            return ""
        if self._blank(sheet) and self.templates.take_back(sheet.path, sheet.track.print.sha256):
            return ""
        if not sheet.track.complete or self.recent_runs is None or is_open(sheet.path):
            return LONELY
        if sheet.track.alone is None:
            sha256 = sheet.track.print.sha256
            with suppress(OSError):
                sheet.track.alone = fetched(self.workspace, sheet.path, sha256, stem, self.recent_runs())
        return sheet.track.alone or LONELY

    def _blank(self, sheet: InboxFile) -> bool:
        """Has nobody filled it in yet?"""
        track = sheet.track
        if self.templates.is_ours(sheet.path, track.print.sha256):
            return True
        if track.blank is None and track.complete and self.clock() - self._began <= LOOK_S:
            with suppress(OSError):  # gone, held, or no child to read it: tried again by the next look
                track.blank = is_blank(files.read_bytes(sheet.path), sheet.path.name)
        return bool(track.blank)

    def _paired(self, paths: Sequence[Path]) -> tuple[dict[str, list[InboxFile]], dict[str, list[InboxFile]]]:
        """Exports and sample sheets by stem."""
        exports: dict[str, list[InboxFile]] = defaultdict(list)
        sheets: dict[str, list[InboxFile]] = defaultdict(list)
        for path in paths:
            ending = sheet_ending(path.name)
            stem = same_stem(path.name[: -len(ending)] if ending else path.stem)
            with suppress(FileNotFoundError):  # gone between listing and reading
                (sheets if ending else exports)[stem].append(InboxFile(path, self.tracker.look(path)))
        for stem, found in sheets.items():
            if stem in exports:  # a template that nobody filled in is no sheet yet
                sheets[stem] = [sheet for sheet in found if not self._blank(sheet)]
        return exports, sheets

    def _decided(
        self, export: InboxFile, sheets: Sequence[InboxFile], definition: AssayDefinition
    ) -> Waiting | Ready:
        """Decide about an export that nobody need clear the way for."""
        try:
            return self._decide(export, sheets[0] if sheets else None, definition)
        except OSError:
            return Waiting(definition.folder_name, export.path.name, LOCKED, blocked=True)

    def _decide(
        self, export: InboxFile, sheet: InboxFile | None, definition: AssayDefinition
    ) -> Waiting | Ready:
        assay, name = definition.folder_name, export.path.name
        tracks = [file.track for file in (export, sheet) if file is not None]
        if not all(track.complete for track in tracks):
            return Waiting(assay, name, "seen, still being written", settling=True)
        over = self.clock() - max(track.since for track in tracks) >= self.settings.patience_minutes * 60
        if not over and any(track.print.size == 0 for track in tracks):
            return Waiting(assay, name, "seen, empty so far")
        if sheet is None and definition.assay.samples.without_sheet == "wait":
            look = self._first_look(export, definition)
            if look is not None and not look.refusals:
                text, unlooked = self._sheet_text(export, assay, look), export.track.looked is None
                with suppress(OSError):
                    if not unlooked:
                        self.templates.beside(export.path, definition, look.plates)
                return Waiting(assay, name, text, settling=unlooked, blocked=bool(look.faults))
        job = self._job(export, sheet, definition)
        last = self._tries.get(job.key)
        if last is None or (over if last.retry_at is None else self.clock() >= last.retry_at):
            slow = last is not None and last.slow
            return Ready(job, over, export.track.print.mtime_ns, slow)
        wrong = last.retry_at is not None
        return Waiting(assay, name, last.message, blocked=wrong, refused=last.retry_at == math.inf)

    def _first_look(self, export: InboxFile, definition: AssayDefinition) -> FirstLook | None:
        """Check an export while it waits, once for each state of file and assay; None for one too large."""
        track = export.track
        if self._too_large(track):
            return None
        if track.looked is None or track.looked[0] != definition.files:
            if self.clock() - self._began > LOOK_S:
                return FirstLook()  # the next look tries it
            context = RunContext(now(), "", current_software())
            data, name = files.read_bytes(export.path), export.path.name
            track.looked = (definition.files, first_look(data, name, definition, context))
        return track.looked[1]

    def _sheet_text(self, export: InboxFile, assay: str, look: FirstLook) -> str:
        earlier = self.run_of_content(export.track.print.sha256, assay)
        sheet = f"{export.path.stem}{SHEET_ENDINGS[0]}"
        parts = [Message("seen, waiting for its sample sheet {sheet}", sheet=sheet)]
        if earlier:
            parts.append(Message("the same export was processed before as {run}", run=earlier))
        parts += [Message("check the plate now: {text:t}", text=text) for text in look.faults]
        return joined("; ", parts) if len(parts) > 1 else parts[0]

    def _job(self, export: InboxFile, sheet: InboxFile | None, definition: AssayDefinition) -> Job:
        """Make the job of complete files, once for as long as none of them changes."""
        received = self._received(sheet) if sheet is not None else None
        other_results = self._other_results(sheet, definition)
        made_from = (received, definition.files, other_results)
        if export.track.memo is None or export.track.memo[0] != made_from:
            data = None if self._too_large(export.track) else files.read_bytes(export.path)
            job = job_of(definition, self._received(export), received, data, other_results)
            export.track.memo = (made_from, job)
        return export.track.memo[1]

    def _turn(self, item: Ready) -> tuple[bool, bool, int, str]:
        """Oldest first."""
        return item.slow, self._asks_others(item.job), item.mtime_ns, item.job.export.path

    def _asks_others(self, job: Job) -> bool:
        """Those that take results from other runs come last: the others may be in the same batch."""
        definition = self._assays.now(job.assay)
        return isinstance(definition, AssayDefinition) and asks_others(definition)

    def _other_results(self, sheet: InboxFile | None, definition: AssayDefinition) -> OtherResults:
        """What earlier runs say of the samples: when that changes, the same drop is another job."""
        if self.other_runs is None or sheet is None or not asks_others(definition):
            return NOTHING
        received = (sheet.path.name, files.read_bytes(sheet.path))
        return sheet_results(self.other_runs, definition, received, now())

    def _received(self, file: InboxFile) -> Received:
        place = file.path.relative_to(self.workspace.inbox).as_posix()
        return Received(file.path.name, place, file.track.print.sha256, file.track.print.size)

    def _too_large(self, track: Track) -> bool:
        return track.print.size > self.settings.max_file_bytes


def _listed(folder: Path, notes: list[str]) -> list[Path]:
    """Files of one folder of the inbox; one that cannot be listed is said and blocks no other."""
    try:
        return list(candidates(folder, notes))
    except OSError as error:
        why = error.strerror or type(error).__name__
        notes.append(Message("{folder}: this folder cannot be read: {why}.", folder=folder.name, why=why))
        return []


def _incomplete(why: str) -> Message:
    """The reason for which a file would be refused if it stayed as it is."""
    return Message("seen, not complete yet: {why:t}", why=why)
