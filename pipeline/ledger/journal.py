"""The journal: which jobs were seen, claimed, done; which runs came of them; what happened when.

The ledger, never Prefect, decides what was done. A job is an export with its sample sheet and assay; its key
is a hash of all three, so the same drop is one job whatever its name. Every change of a job, and every run
with the digest of all its rows, is a line of the audit trail.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import sqlalchemy as sa

from pipeline.domain.history import EarlierRun, History, PastStep
from pipeline.errors import LedgerError
from pipeline.ledger import audit, past, store
from pipeline.ledger import tables as t
from pipeline.ledger.database import Database, ledger_url
from pipeline.ledger.earlier import earlier_ids, ids_of_runs
from pipeline.ledger.past_steps import past_steps
from pipeline.ledger.revisions import NewExport, revised_by
from pipeline.ledger.rows import RunRows, job_of, job_values, line_of
from pipeline.ledger.tables import jobs, reviews, runs
from pipeline.record.document import PDF
from pipeline.record.job import FAILED, Job, ListedRun, RunLine

CLAIMS_MAX = 2
"""A job that was claimed this often and never finished took the program down with it."""

OPEN = ("seen", "claimed", "gone")
"""States of a job without a result."""

Decision = Literal["approve", "reject", "repeat"]


@dataclass(frozen=True, slots=True)
class Claim:
    """The job is the caller's. ``processed_at`` stays what it was at the first, unfinished attempt."""

    processed_at: str
    attempt: int

    @property
    def crashed_before(self) -> bool:
        """Has it taken the program down so often that it must not be read again?"""
        return self.attempt > CLAIMS_MAX


@dataclass(frozen=True, slots=True)
class AlreadyDone:
    """The job has its results; ``filed`` says whether its files were moved out of the inbox."""

    runs: tuple[RunLine, ...]
    filed: bool
    job: Job
    """With the names under which the files were received then."""


class Ledger:
    """Open the ledger, making it when absent; a context manager.

    Args:
        place: a file of SQLite, or the URL of a PostgreSQL database.

    Raises:
        LedgerError: when it cannot be opened, or is of a newer version.
    """

    def __init__(self, place: Path | str, *, upgrade: bool = True) -> None:
        """Connect and check the version; without ``upgrade`` an old or missing ledger is an error."""
        self.database = Database(ledger_url(place), upgrade=upgrade)
        self._claimed: set[str] = set()
        """Jobs that this program claimed and has not finished: while it lives, they killed nobody."""

    def __enter__(self) -> Self:
        """Use the ledger."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self.database.close()

    def owner(self, workspace_id: str) -> str:
        """Id of the workspace that this ledger belongs to: the first that asks."""
        with self.database.writing() as connection:
            found: str | None = connection.execute(sa.select(t.owner.c.workspace)).scalar()
            if found is None:
                connection.execute(t.owner.insert().values(workspace=workspace_id))
        return found or workspace_id

    def see(self, job: Job, at: str) -> None:
        """Enter a job that was seen; one that is open already gets the places where its files are now."""
        places = job_values(job)
        with self.database.writing() as connection:
            row = connection.execute(sa.select(jobs).where(jobs.c.key == job.key)).one_or_none()
            if row is None:
                values = {"key": job.key, "state": "seen", "attempts": 0, "seen_at": at, **places}
                connection.execute(jobs.insert().values(**values))
            elif row.state in OPEN and any(getattr(row, name) != value for name, value in places.items()):
                _set(connection, job.key, **places)
            else:
                return
            _note_state(connection, job.key, at)

    def claim(self, job: Job, at: str) -> Claim | AlreadyDone:
        """Claim a job, which must have been seen. A failed one that is dropped again starts anew."""
        with self.database.writing() as connection:
            row = connection.execute(sa.select(jobs).where(jobs.c.key == job.key)).one()
            if row.state == "done" or (row.state == "failed" and row.filed_at is None):
                return AlreadyDone(_runs_of(connection, job.key), row.filed_at is not None, job_of(row))
            anew = row.state == "failed" or not row.processed_at
            again = 0 if job.key in self._claimed else 1
            claim = Claim(at, 1) if anew else Claim(row.processed_at, row.attempts + again)
            times = {"processed_at": claim.processed_at, "claimed_at": at, "filed_at": None}
            places = job_values(job) if anew else {}
            _set(connection, job.key, state="claimed", attempts=claim.attempt, **times, **places)
            _note_state(connection, job.key, at)
        self._claimed.add(job.key)
        return claim

    def release(self, job_key: str, at: str) -> None:
        """Give a claimed job back: the attempt ended in good order and does not count as a crash."""
        with self.database.writing() as connection:
            claimed = sa.select(jobs).where(jobs.c.key == job_key, jobs.c.state == "claimed")
            row = connection.execute(claimed).one_or_none()
            if row is not None:
                _set(connection, job_key, state="seen", attempts=row.attempts - 1)
                _note_state(connection, job_key, at)
        self._claimed.discard(job_key)

    def withdraw(self, job_key: str, at: str) -> None:
        """Forget a claimed job that is another one by now; what an earlier attempt may have left stays."""
        untouched = (jobs.c.attempts == 1) & ~sa.exists().where(runs.c.job_key == job_key)
        with self.database.writing() as connection:
            claimed = (jobs.c.key == job_key) & (jobs.c.state == "claimed")
            if connection.execute(jobs.delete().where(claimed, untouched)).rowcount:
                _note_state(connection, job_key, at)
        self.release(job_key, at)

    def finish(self, job: Job, results: Iterable[RunRows], at: str) -> None:
        """Record the runs of a job and that it is finished, in one transaction.

        Raises:
            LedgerError: another job has a run of this id; nothing is recorded.
        """
        recorded = list(results)
        failed = all(rows.run["verdict"] == FAILED for rows in recorded)
        with self.database.writing() as connection:
            for rows in recorded:
                _require_own(connection, rows)
                enter(connection, rows, at)
            _set(connection, job.key, state="failed" if failed else "done", finished_at=at)
            _note_state(connection, job.key, at)
        self._claimed.discard(job.key)

    def filed(self, job_key: str, at: str) -> None:
        """Note that the files of a finished job left the inbox."""
        with self.database.writing() as connection:
            _set(connection, job_key, filed_at=at)
            _note_state(connection, job_key, at)

    def gone(self, job_key: str, at: str) -> None:
        """Note that the files of an open job left the inbox before it was finished."""
        with self.database.writing() as connection:
            _set(connection, job_key, state="gone", attempts=0)
            _note_state(connection, job_key, at)
            text = "the file left the inbox before it was processed"
            audit.append(connection, audit.Entry(at, "gone", text, job_key))

    def note(
        self, kind: str, text: str, at: str, *, job_key: str | None = None, content: str | None = None
    ) -> None:
        """Append a line to the day log; ``content`` is the digest of what it is about."""
        with self.database.writing() as connection:
            audit.append(connection, audit.Entry(at, kind, text, job_key, None, content))

    def review(self, run_id: str, reviewer: str, decision: Decision, reason: str, at: str) -> None:
        """Record what a person decided about a run; the last decision counts, and all stay.

        Raises:
            KeyError: no such run.
        """
        with self.database.writing() as connection:
            number = store.number_of(connection, run_id)
            if number is None:
                raise KeyError(run_id)
            values = {"run": number, "at": at, "reviewer": reviewer, "decision": decision, "reason": reason}
            last = connection.execute(sa.select(sa.func.max(reviews.c.number))).scalar() or 0
            connection.execute(reviews.insert().values(number=last + 1, **values))
            connection.execute(runs.update().where(runs.c.number == number).values(review=decision))
            content = audit.digest_of({"number": last + 1, **values})
            text = f"{decision} by {reviewer}: {reason}"
            audit.append(connection, audit.Entry(at, "review", text, None, run_id, content))

    def processed_at(self, job_key: str) -> str:
        """The time that the records of a job carry; empty when it was never claimed."""
        with self.database.reading() as connection:
            found = connection.execute(sa.select(jobs.c.processed_at).where(jobs.c.key == job_key)).scalar()
        return found or ""

    def unfinished(self) -> list[Job]:
        """Jobs that were seen or claimed and have no result."""
        return self._jobs(jobs.c.state.in_(("seen", "claimed")))

    def unfiled(self) -> list[Job]:
        """Finished jobs whose files may still lie in the inbox."""
        return self._jobs(jobs.c.state.in_(("done", "failed")) & jobs.c.filed_at.is_(None))

    def has_run(self, run_id: str) -> bool:
        """Is a run recorded?"""
        with self.database.reading() as connection:
            return store.number_of(connection, run_id) is not None

    def lacks_results(self) -> bool:
        """Are there runs of an older ledger whose results were not entered yet?"""
        with self.database.reading() as connection:
            query = sa.select(runs.c.id).where(runs.c.entered == 0).limit(1)
            return connection.execute(query).one_or_none() is not None

    def runs_of(self, job_key: str) -> tuple[RunLine, ...]:
        """Runs of one job, in the order of its plates."""
        with self.database.reading() as connection:
            return _runs_of(connection, job_key)

    def recent(self, count: int) -> list[RunLine]:
        """The last runs, newest first."""
        return self._runs(sa.select(runs).order_by(runs.c.number.desc()).limit(count))

    def listing(self) -> list[ListedRun]:
        """All runs, newest first."""
        pdf = (t.files.c.role == "result") & (t.files.c.name == PDF)
        with self.database.reading() as connection:
            with_pdf = set(connection.execute(sa.select(t.files.c.run).where(pdf)).scalars())
            rows = connection.execute(sa.select(runs).order_by(runs.c.number.desc()))
            ids = ids_of_runs(connection)
            return [
                ListedRun(line_of(row), row.replaced_by, row.number in with_pdf, ids.get(row.number, ()))
                for row in rows
            ]

    def runs_of_assay(self, assay: str) -> list[RunLine]:
        """Computed runs of an assay, newest first."""
        return self._runs(sa.select(runs).where(*_computed(assay)).order_by(runs.c.number.desc()))

    def revised_by(self, new: NewExport) -> list[RunLine]:
        """Runs that a new export corrects; see :func:`pipeline.ledger.revisions.revised_by`."""
        with self.database.reading() as connection:
            return list(revised_by(connection, new))

    def earlier_ids(self, new: NewExport) -> list[EarlierRun]:
        """Runs with the same export or the same samples; see :func:`pipeline.ledger.earlier.earlier_ids`."""
        with self.database.reading() as connection:
            return list(earlier_ids(connection, new))

    def run_of_content(self, export_sha256: str, assay: str) -> str | None:
        """Run id of an earlier computed run of these very bytes, with whatever sample sheet."""
        query = (
            sa.select(runs.c.id)
            .join(jobs, jobs.c.key == runs.c.job_key)
            .where(jobs.c.export_sha256 == export_sha256, *_computed(assay))
            .order_by(runs.c.number.desc())
            .limit(1)
        )
        with self.database.reading() as connection:
            found: str | None = connection.execute(query).scalar_one_or_none()
        return found

    def log(self, count: int) -> list[tuple[str, str, str]]:
        """Last lines of the day log, newest first: time, kind, text."""
        lines = sa.select(t.audit.c.at, t.audit.c.kind, t.audit.c.text).where(t.audit.c.kind != audit.STATE)
        with self.database.reading() as connection:
            rows = connection.execute(lines.order_by(t.audit.c.number.desc()).limit(count))
            return [(row.at, row.kind, row.text) for row in rows]

    def head(self) -> audit.ChainHead:
        """The end of the audit trail."""
        with self.database.reading() as connection:
            return audit.head(connection)

    def past(self, assay: str, unit: str | None = None, without: Collection[str] = ()) -> past.LedgerPast:
        """The past of an assay for a new run; see :class:`pipeline.ledger.past.LedgerPast`."""
        return past.LedgerPast(self.database, assay, unit, without)

    def past_steps(
        self, assay: str, job_key: str, most: int, without: Collection[str] = ()
    ) -> list[PastStep]:
        """What past runs say of a dilution step; see :func:`pipeline.ledger.past_steps.past_steps`."""
        with self.database.reading() as connection:
            return past_steps(connection, assay, job_key, most, without)

    def history(self, assay: str) -> History:
        """All runs of an assay, for its charts."""
        return past.read_history(self.database, assay)

    def _jobs(self, wanted: sa.ColumnElement[bool]) -> list[Job]:
        with self.database.reading() as connection:
            rows = connection.execute(sa.select(jobs).where(wanted).order_by(jobs.c.seen_at))
            return [job_of(row) for row in rows]

    def _runs(self, query: sa.Select[Any]) -> list[RunLine]:
        with self.database.reading() as connection:
            return [line_of(row) for row in connection.execute(query)]


def enter(connection: sa.Connection, rows: RunRows, at: str, kind: str = "run") -> None:
    """Write a run and its line of the audit trail."""
    run = rows.run
    store.write_run(connection, rows)
    text = f"{run['verdict']}: {run['export']}" + (f" [{run['code']}]" if run["code"] else "")
    content = store.content_of(rows)
    audit.append(connection, audit.Entry(at, kind, text, run["job_key"], run["id"], content))


def _require_own(connection: sa.Connection, rows: RunRows) -> None:
    """No run is written over a run of another job."""
    held = sa.select(runs.c.job_key).where(runs.c.id == rows.run["id"])
    if connection.execute(held).scalar() not in (None, rows.run["job_key"]):
        msg = f"another job has the run {rows.run['id']} already"
        raise LedgerError(msg)


def _set(connection: sa.Connection, job_key: str, **values: object) -> None:
    connection.execute(jobs.update().where(jobs.c.key == job_key).values(**values))


def _note_state(connection: sa.Connection, job_key: str, at: str) -> None:
    """Chain the job as it is now; a job that was withdrawn has no row and no content."""
    row = connection.execute(sa.select(jobs).where(jobs.c.key == job_key)).one_or_none()
    text, content = (row.state, store.row_content(row)) if row is not None else ("withdrawn", None)
    audit.append(connection, audit.Entry(at, audit.STATE, text, job_key, None, content))


def _runs_of(connection: sa.Connection, job_key: str) -> tuple[RunLine, ...]:
    rows = connection.execute(sa.select(runs).where(runs.c.job_key == job_key).order_by(runs.c.number))
    return tuple(line_of(row) for row in rows)


def _computed(assay: str) -> tuple[sa.ColumnElement[bool], ...]:
    return runs.c.assay == assay, runs.c.verdict != FAILED
