"""The ledger: which jobs were seen, claimed, done; which runs came of them; what happened when.

SQLite through SQLAlchemy Core. The ledger, never Prefect, decides what was done. A job is an export with its
sample sheet and assay; its key is a hash of all three, so the same drop is one job whatever its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import SQLAlchemyError

from pipeline import ledger_tables as tables
from pipeline.jobs import FAILED, Job, RunLine
from pipeline.ledger_tables import events, jobs, runs

CLAIMS_MAX = 2
"""A job that was claimed this often and never finished took the program down with it."""


class LedgerError(OSError):
    """The ledger cannot be read or written; it may heal (disk full, locked)."""


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
    """Open the ledger at ``path``, making it when absent; a context manager.

    Raises:
        LedgerError: when it cannot be opened, or is of a newer version.
    """

    def __init__(self, path: Path) -> None:
        """Connect and check the version."""
        self._engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": tables.BUSY_TIMEOUT_S})
        tables.prepare(self._engine)
        with self._transaction() as connection:
            found = tables.create(connection)
        if found != tables.SCHEMA_VERSION:
            self.close()
            msg = f"{path.name} has version {found}, this titerline knows {tables.SCHEMA_VERSION}"
            raise LedgerError(msg)

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
        self._engine.dispose()

    def see(self, job: Job, at: str) -> None:
        """Enter a job that was seen; one that is open already gets the places where its files are now."""
        places = tables.job_values(job)
        with self._transaction() as connection:
            statement = insert(jobs).values(key=job.key, state="seen", attempts=0, seen_at=at, **places)
            open_job = jobs.c.state.in_(("seen", "claimed", "gone"))
            connection.execute(
                statement.on_conflict_do_update(index_elements=["key"], set_=places, where=open_job)
            )

    def claim(self, job: Job, at: str) -> Claim | AlreadyDone:
        """Claim a job, which must have been seen. A failed one that is dropped again starts anew."""
        with self._transaction() as connection:
            row = connection.execute(sa.select(jobs).where(jobs.c.key == job.key)).one()
            if row.state == "done" or (row.state == "failed" and row.filed_at is None):
                return AlreadyDone(
                    self._runs_of(connection, job.key), row.filed_at is not None, tables.job_of(row)
                )
            anew = row.state == "failed" or not row.processed_at
            claim = Claim(at, 1) if anew else Claim(row.processed_at, row.attempts + 1)
            values = {
                "state": "claimed",
                "attempts": claim.attempt,
                "processed_at": claim.processed_at,
                "claimed_at": at,
                "filed_at": None,
                **(tables.job_values(job) if anew else {}),
            }
            connection.execute(jobs.update().where(jobs.c.key == job.key).values(**values))
        return claim

    def release(self, job_key: str) -> None:
        """Give a claimed job back: the attempt ended in good order and does not count as a crash."""
        with self._transaction() as connection:
            connection.execute(
                jobs.update()
                .where(jobs.c.key == job_key, jobs.c.state == "claimed")
                .values(state="seen", attempts=jobs.c.attempts - 1)
            )

    def withdraw(self, job_key: str) -> None:
        """Forget a claimed job that is another one by now; what an earlier attempt may have left stays."""
        untouched = (jobs.c.attempts == 1) & ~sa.exists().where(runs.c.job_key == job_key)
        with self._transaction() as connection:
            claimed = (jobs.c.key == job_key) & (jobs.c.state == "claimed")
            connection.execute(jobs.delete().where(claimed, untouched))
        self.release(job_key)

    def finish(self, job: Job, lines: Iterable[RunLine], at: str) -> None:
        """Record the runs of a job and that it is finished, in one transaction."""
        recorded = list(lines)
        failed = all(line.failed for line in recorded)
        with self._transaction() as connection:
            for line in recorded:
                values = tables.run_values(line, job.key)
                statement = insert(runs).values(**values)
                connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
                text = f"{line.verdict}: {line.export}" + (f" [{line.code}]" if line.code else "")
                _append(connection, at, "run", text, job.key, line.id)
            connection.execute(
                jobs.update()
                .where(jobs.c.key == job.key)
                .values(state="failed" if failed else "done", finished_at=at)
            )

    def filed(self, job_key: str, at: str) -> None:
        """Note that the files of a finished job left the inbox."""
        with self._transaction() as connection:
            connection.execute(jobs.update().where(jobs.c.key == job_key).values(filed_at=at))

    def gone(self, job_key: str, at: str) -> None:
        """Note that the files of an open job left the inbox before it was finished."""
        with self._transaction() as connection:
            connection.execute(jobs.update().where(jobs.c.key == job_key).values(state="gone", attempts=0))
            _append(connection, at, "gone", "the file left the inbox before it was processed", job_key, None)

    def note(self, kind: str, text: str, at: str, *, job_key: str | None = None) -> None:
        """Append a line to the day log."""
        with self._transaction() as connection:
            _append(connection, at, kind, text, job_key, None)

    def unfinished(self) -> list[Job]:
        """Jobs that were seen or claimed and have no result."""
        return self._jobs(jobs.c.state.in_(("seen", "claimed")))

    def unfiled(self) -> list[Job]:
        """Finished jobs whose files may still lie in the inbox."""
        return self._jobs(jobs.c.state.in_(("done", "failed")) & jobs.c.filed_at.is_(None))

    def runs_of(self, job_key: str) -> tuple[RunLine, ...]:
        """Runs of one job, in the order of its plates."""
        with self._transaction() as connection:
            return self._runs_of(connection, job_key)

    def recent(self, count: int) -> list[RunLine]:
        """The last runs, newest first."""
        with self._transaction() as connection:
            rows = connection.execute(sa.select(runs).order_by(runs.c.number.desc()).limit(count))
            return [tables.line_of(row) for row in rows]

    def runs_of_assay(self, assay: str) -> list[RunLine]:
        """Computed runs of an assay, newest first."""
        query = sa.select(runs).where(runs.c.assay == assay, runs.c.verdict != FAILED)
        with self._transaction() as connection:
            return [tables.line_of(row) for row in connection.execute(query.order_by(runs.c.number.desc()))]

    def previous_run_of_name(self, name: str, assay: str, plate: str | None = None) -> RunLine | None:
        """The last computed run of an export of this name (and of this plate of it, when given)."""
        wanted = [runs.c.export == name, runs.c.assay == assay, runs.c.verdict != FAILED]
        if plate is not None:
            wanted.append(runs.c.plate == plate)
        with self._transaction() as connection:
            query = sa.select(runs).where(*wanted).order_by(runs.c.number.desc()).limit(1)
            row = connection.execute(query).one_or_none()
        return tables.line_of(row) if row is not None else None

    def run_of_content(self, export_sha256: str, assay: str) -> str | None:
        """Run id of an earlier computed run of these very bytes, with whatever sample sheet."""
        query = (
            sa.select(runs.c.id)
            .join(jobs, jobs.c.key == runs.c.job_key)
            .where(jobs.c.export_sha256 == export_sha256, runs.c.assay == assay, runs.c.verdict != FAILED)
            .order_by(runs.c.number.desc())
            .limit(1)
        )
        with self._transaction() as connection:
            found: str | None = connection.execute(query).scalar_one_or_none()
        return found

    def log(self, count: int) -> list[tuple[str, str, str]]:
        """Last lines of the day log, newest first: time, kind, text."""
        query = sa.select(events.c.at, events.c.kind, events.c.text).order_by(events.c.id.desc())
        with self._transaction() as connection:
            return [(row.at, row.kind, row.text) for row in connection.execute(query.limit(count))]

    def _jobs(self, wanted: sa.ColumnElement[bool]) -> list[Job]:
        with self._transaction() as connection:
            rows = connection.execute(sa.select(jobs).where(wanted).order_by(jobs.c.seen_at))
            return [tables.job_of(row) for row in rows]

    def _runs_of(self, connection: sa.Connection, job_key: str) -> tuple[RunLine, ...]:
        rows = connection.execute(sa.select(runs).where(runs.c.job_key == job_key).order_by(runs.c.number))
        return tuple(tables.line_of(row) for row in rows)

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            msg = f"the ledger cannot be used: {error.__cause__ or error}"
            raise LedgerError(msg) from error


def _append(
    connection: sa.Connection, at: str, kind: str, text: str, job_key: str | None, run_id: str | None
) -> None:
    connection.execute(events.insert().values(at=at, kind=kind, text=text, job_key=job_key, run_id=run_id))
