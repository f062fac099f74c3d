"""Serve a workspace's inbox: look, pair, process, show. One watcher for each workspace."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Event

from pipeline.domain.message import Message
from pipeline.errors import BAD_INPUT, DONE, REJECTED, DefinitionError
from pipeline.guarded import received
from pipeline.inbox.lock import only_one
from pipeline.inbox.look import Inbox
from pipeline.inbox.progress import Progress, queue_lines
from pipeline.inbox.sight import Ready, Sight
from pipeline.inbox.status_file import StatusFile
from pipeline.inbox.stopping import stopped_by_signal
from pipeline.inbox.troubles import blocked_text, ledger_trouble
from pipeline.jobs.bench import Bench, now, open_bench
from pipeline.jobs.run import JobOutcome, reconcile, run_job
from pipeline.jobs.run_page import RunPage
from pipeline.jobs.same_ledger import SameLedger, require_ledger, require_noted
from pipeline.ledger import LedgerError
from pipeline.record.job import RunLine
from pipeline.report.page.status import plate_line
from pipeline.workspace.folders import make_inboxes, open_workspace
from pipeline.workspace.settings import Settings, load_settings

log = logging.getLogger(__name__)

RUNS_COMPARED = 200
"""Newest runs among which a corrected sample sheet finds its export."""
BATCH_MAX = 50
"""Jobs of one batch at most."""
PREFECT_AGAIN_S = 30.0
"""How long a Prefect server that did not answer is left alone."""
HEARTBEAT_S = 10.0
"""STATUS.html is written anew this often although nothing changed, so that a dead watcher shows."""


@dataclass(frozen=True, slots=True)
class WatchSummary:
    """What a watcher did until it stopped."""

    runs: tuple[RunLine, ...]
    waiting: tuple[str, ...]
    """What is still in the inbox: assay, file, why."""
    refused: bool = False
    """Does one of them wait for a correction?"""

    @property
    def exit_code(self) -> int:
        """Bad input outweighs a rejected run, and that a clean one."""
        if self.refused or any(line.failed for line in self.runs):
            return BAD_INPUT
        return REJECTED if any(line.verdict == "rejected" for line in self.runs) else DONE


def watch_workspace(
    root: Path, *, once: bool = False, prefect: bool = True, stop: Event | None = None
) -> int:
    """Serve a workspace for the command line; returns its exit code."""
    asked = stop or Event()
    try:
        with stopped_by_signal(asked):
            return watch(root, once=once, prefect=prefect, stop=asked).exit_code
    except KeyboardInterrupt:
        return DONE


def watch(root: Path, *, once: bool = False, prefect: bool = True, stop: Event | None = None) -> WatchSummary:
    """Serve the inbox until ``stop`` is set; with ``once``, until nothing there can be done any more.

    What lies there at the start is treated like what comes later. ``once`` waits out the settle time; files
    that wait for something else stay in the inbox, and the summary says so.

    Raises:
        DefinitionError: no workspace, a wrong setting, another watcher serves it already, or its ledger is
            not the one that was here.
        OSError: the ledger cannot be opened.
    """
    workspace = open_workspace(root)
    settings = load_settings(workspace.settings_file)
    if not prefect:
        settings = settings.model_copy(update={"prefect": "off"})
    require_ledger(workspace, settings)
    with only_one(workspace.lock_file), open_bench(workspace, settings) as bench:
        require_noted(bench)
        return _Watcher(bench, stop or Event()).run(once=once)


@dataclass(slots=True)
class _Watcher:
    bench: Bench
    stop: Event
    status: StatusFile = field(init=False)
    same: SameLedger = field(init=False)
    inbox: Inbox = field(init=False)
    page: RunPage = field(init=False)
    """The list of all runs."""
    sight: Sight = field(default_factory=Sight)
    done: list[RunLine] = field(default_factory=list)
    progress: Progress = field(default_factory=Progress)
    current: str = ""
    """Key of the job that is being computed."""
    trouble: dict[str, str] = field(default_factory=dict)
    """What is wrong around us, by kind; shown until it heals."""
    prefect_again_at: float = 0.0
    looked_at: float = 0.0
    shown: object = None
    shown_at: float = 0.0

    def __post_init__(self) -> None:
        """Start with an empty memory of the inbox."""
        ledger, settings = self.bench.ledger, self.bench.settings
        known, other_runs = ledger.run_of_content, self.bench.other_runs
        recent = partial(ledger.recent, RUNS_COMPARED)
        self.inbox = Inbox(self.bench.workspace, settings, time.monotonic, known, other_runs, recent)
        self.page = RunPage(self.bench)
        self.status = StatusFile(self.bench)
        self.same = SameLedger(self.bench)

    @property
    def settings(self) -> Settings:
        """Of this workspace."""
        return self.bench.settings

    def run(self, *, once: bool) -> WatchSummary:
        """Look and work until told to stop."""
        received.start()
        self._mend()
        while not self.stop.is_set():
            try:
                self._turn()
            except DefinitionError as error:
                self._end(error)
                raise
            if once and not self._more_to_come():
                break
            if not self.sight.ready:
                self.stop.wait(self.settings.poll_seconds)
        self._look(watching=False)
        waiting = tuple(f"{line.assay}/{line.name}: {line.text}" for line in self.sight.waiting)
        for text in waiting:
            log.info("still in the inbox: %s", text)
        refused = any(line.refused for line in self.sight.waiting)
        return WatchSummary(tuple(self.done), waiting, refused)

    def _turn(self) -> None:
        """Look and work once; whatever goes wrong is shown, and the next turn begins anew.

        Raises:
            DefinitionError: the ledger or the workspace is not the one that was opened.
        """
        self._require_same()
        try:
            self._look()
            if self.sight.ready:
                self._work(_batch(self.sight.ready))
        except Exception:
            log.exception("fault of the program")
            self.trouble["program"] = "The program made a mistake; trying on. Tell your IT."
            self.sight = replace(self.sight, ready=())
            self._show()
        else:
            self.trouble.pop("program", None)

    def _require_same(self) -> None:
        """A ledger that cannot be reached may come back; one that was exchanged ends this watcher."""
        try:
            self.same.check()
            self.trouble.pop("ledger read", None)
        except LedgerError as error:
            self.trouble["ledger read"] = ledger_trouble(self.bench, error)
        except OSError:  # the look that follows says what cannot be reached
            return

    def _more_to_come(self) -> bool:
        """Will the next look find work without anybody's help?"""
        if self.trouble.keys() & {"ledger", "ledger read", "inbox", "program"}:
            return False
        return bool(self.sight.ready) or any(line.settling for line in self.sight.waiting)

    def _mend(self) -> None:
        """Put in order what a crash left; what cannot be reached now is tried again by every look."""
        try:
            make_inboxes(self.bench.workspace)
            mended = reconcile(self.bench)
        except OSError as error:
            log.warning("not everything could be put in order: %s", error.strerror or error)
        except Exception:
            log.exception("fault of the program while putting things in order")
        else:
            log.info("watching %s; put %d things in order", self.bench.workspace.root, mended)

    def _end(self, error: DefinitionError) -> None:
        """Say on the page of this workspace why nobody watches it any more."""
        self.trouble["ledger"] = error.text()
        self._show(watching=False)

    def _look(self, *, watching: bool = True) -> None:
        """Look at the inbox and show it; an inbox that cannot be listed has nothing ready."""
        try:
            self.sight = self.inbox.look()
            self.trouble.pop("inbox", None)
        except OSError as error:
            if "inbox" not in self.trouble:
                log.warning("the inbox cannot be reached: %s", error.strerror or error)
                self.trouble["inbox"] = Message(
                    "The inbox cannot be reached since {time}; trying on.", time=now()[11:19]
                )
            self.sight = Sight(self.sight.waiting, (), self.sight.notes)
        self.looked_at = time.monotonic()
        self._show(watching=watching)

    def _work(self, ready: Sequence[Ready]) -> None:
        """Process a batch, through Prefect when it answers; what that leaves undone is done directly.

        All that is ready is seen now, the batch or not: what a run knows of past runs must not depend on how
        many of a backlog were finished before it.
        """
        at = now()
        try:
            for item in self.sight.ready:
                self.bench.ledger.see(item.job, at)
        except OSError as error:
            self._no_ledger(error)
            return
        self.trouble.pop("ledger", None)
        open_jobs = {item.job.key: item for item in ready}
        if self._prefect_answers():
            self._through_prefect(open_jobs)
        for key in list(open_jobs):
            self._directly(key, open_jobs)
        self.current = ""

    def _through_prefect(self, open_jobs: dict[str, Ready]) -> None:
        from pipeline.inbox import flows  # noqa: PLC0415 - takes 2 s, and only those who use Prefect wait for it

        try:
            flows.run_batch(list(open_jobs), lambda key: self._one(key, open_jobs))
        except Exception as error:  # noqa: BLE001 - whatever happens to Prefect, the results must appear
            log.warning("Prefect failed in the middle of a batch: %s", type(error).__name__)
            self._no_prefect()

    def _directly(self, key: str, open_jobs: dict[str, Ready]) -> None:
        """Do one job without Prefect. What blocks it is shown, and it is tried again later."""
        job = open_jobs[key].job
        try:
            self._one(key, open_jobs)
        except OSError as error:
            log.warning("job %s is blocked: %s", key[:8], error.strerror or error)
            self.inbox.blocked(job, blocked_text(error))
        except Exception:
            log.exception("fault of the program in job %s", key[:8])
            self.inbox.blocked(job, "the program made a mistake with this file; tell your IT")

    def _one(self, key: str, open_jobs: dict[str, Ready]) -> JobOutcome:
        """Do one job and strike it off. An OSError leaves it open, to be tried again."""
        item = open_jobs[key]
        self.current = key
        self._glance()
        try:
            outcome = run_job(self.bench, item.job, final=item.final, hurry=not item.slow)
        except DefinitionError as error:
            outcome = JobOutcome("incomplete", message=error.text())
        del open_jobs[key]
        self.sight = replace(self.sight, ready=tuple(r for r in self.sight.ready if r.job.key != key))
        if outcome.state in ("done", "failed"):
            self.done += outcome.runs
        self.progress.note(outcome)
        self.inbox.note_outcome(item.job, outcome)
        self._say(item, outcome)
        return outcome

    def _say(self, item: Ready, outcome: JobOutcome) -> None:
        """One line a plate for the terminal."""
        for line in map(plate_line, outcome.runs):
            log.info("%s %s: %s, see %s", line.run.export, line.run.plate, line.text, line.folder)
        if outcome.state not in ("done", "failed"):
            log.info("%s: %s", item.job.export.name, outcome.message or outcome.state)

    def _glance(self) -> None:
        """Keep the page up to date while a batch runs, so that a new drop is seen at once."""
        if time.monotonic() - self.looked_at >= self.settings.poll_seconds:
            self._look()
        else:
            self._show()

    def _no_ledger(self, error: OSError) -> None:
        log.error("the ledger cannot be written: %s", error)
        self.trouble["ledger"] = ledger_trouble(self.bench, error)
        self._show()
        self.stop.wait(self.settings.poll_seconds)

    def _no_prefect(self) -> None:
        self.trouble["prefect"] = "Prefect does not answer; processing goes on without it."
        self.prefect_again_at = time.monotonic() + PREFECT_AGAIN_S

    def _prefect_answers(self) -> bool:
        """Ask, but not more often than twice a minute while it is down."""
        if self.settings.prefect == "off" or time.monotonic() < self.prefect_again_at:
            return False
        from pipeline.inbox import flows  # noqa: PLC0415 - takes 2 s, and only those who use Prefect wait for it

        if flows.api_available():
            self.trouble.pop("prefect", None)
            return True
        if self.settings.prefect == "on" or flows.api_configured():
            self._no_prefect()
        return False

    def _show(self, *, watching: bool = True) -> None:
        """Write STATUS.html when something changed, or as a sign of life; and the list of all runs.

        A workspace that was put in the place of ours gets no page of ours.
        """
        if not self.same.workspace_is_there():
            return
        self.page.keep(len(self.done), busy=bool(self.current))
        queue, progress = queue_lines(self.sight, self.current), self.progress.text(len(self.sight.ready))
        notices = (*self.trouble.values(), *self.sight.notes)
        state = (watching, queue, progress, notices, len(self.done))
        if state == self.shown and time.monotonic() - self.shown_at < HEARTBEAT_S:
            return
        self.status.write(notices, queue, progress, watching=watching)
        self.shown, self.shown_at = state, time.monotonic()


def _batch(ready: Sequence[Ready]) -> Sequence[Ready]:
    """What is worked on until the next look; slow files come last and one at a time."""
    return [item for item in ready[:BATCH_MAX] if not item.slow] or ready[:1]
