"""``titerline verify``: is everything as it was recorded? Every difference is named; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from pipeline.bench import Bench
from pipeline.errors import InputError
from pipeline.filing import set_aside_hashes
from pipeline.kept import places, read_kept
from pipeline.ledger import audit, store
from pipeline.ledger import tables as t
from pipeline.rebuild import differences, held_ids, known_job
from pipeline.recompute import recompute
from pipeline.workspace import Workspace

RUN_LINES = ("run", "rebuilt")
"""Kinds of the lines of the audit trail that hold the digest of a run."""


@dataclass(slots=True)
class Verified:
    """What was looked at, and what is not as it was recorded."""

    runs: int = 0
    recomputed: int = 0
    head: str = ""
    """End of the audit trail, to be noted outside."""
    problems: list[str] = field(default_factory=list)


def verify(bench: Bench, *, compute: bool = True, noted: audit.Head | None = None) -> Verified:
    """Check a workspace: database, audit trail, jobs, runs, files, reviews, and the results themselves.

    Args:
        bench: the workspace; its ledger is only read.
        compute: compute every run again from its kept export.
        noted: an end of the audit trail that somebody noted; None takes the one beside the ledger.
    """
    done = Verified(head=bench.ledger.head().text())
    try:
        heads = [head for head in (noted, _noted(bench.workspace)) if head is not None]
    except ValueError:
        heads = []
        done.problems.append(f"{bench.workspace.head_file.name}: this is not the end of an audit trail")
    with bench.ledger.database.reading() as connection:
        done.problems += _integrity(connection)
        done.problems += audit.broken_links(connection, heads)
        done.problems += _jobs(connection)
        done.problems += _reviews(connection)
        done.problems += _connections(connection)
        done.problems += _duplicates(bench.workspace, connection)
        _runs(bench, connection, done, compute=compute)
    return done


def head_of(text: str) -> audit.Head:
    """Read ``number:digest``.

    Raises:
        ValueError: it is none.
    """
    number, digest = text.strip().split(":")
    return audit.Head(int(number), digest)


def _noted(workspace: Workspace) -> audit.Head | None:
    if not workspace.head_file.is_file():
        return None
    return head_of(workspace.head_file.read_text("utf-8"))


def _integrity(connection: sa.Connection) -> Iterator[str]:
    """SQLite looks at its own pages; PostgreSQL has checksums of its own."""
    if connection.dialect.name == "sqlite":
        for (text,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if text != "ok":
                yield f"ledger: {text}"


def _jobs(connection: sa.Connection) -> Iterator[str]:
    """Each job stands as the last line about it says, and no line is about a job that is gone."""
    told = _last_contents(connection, (audit.STATE,), t.audit.c.job_key)
    held = {row.key: store.row_content(row) for row in connection.execute(sa.select(t.jobs))}
    for key in told.keys() | held.keys():
        if key not in held and told[key] is not None:
            yield f"job {key[:12]}: removed from the ledger"
        elif key not in told and held[key] is not None:
            yield f"job {key[:12]}: not in the audit trail"
        elif key in held and told[key] != held[key]:
            yield f"job {key[:12]}: changed in the ledger"


def _reviews(connection: sa.Connection) -> Iterator[str]:
    """Each review is in the audit trail as it stands, and each run shows its last one."""
    query = sa.select(t.audit.c.content).where(t.audit.c.kind == "review").order_by(t.audit.c.number)
    told = list(connection.execute(query).scalars())
    rows = connection.execute(sa.select(t.reviews).order_by(t.reviews.c.number)).all()
    if told != [store.row_content(row) for row in rows]:
        yield "reviews: not as the audit trail has them"
    last = {row.run: row.decision for row in rows}
    for run in connection.execute(sa.select(t.runs.c.number, t.runs.c.id, t.runs.c.review)):
        if last.get(run.number) != run.review:
            yield f"run {run.id}: shows {run.review!r}, its last review says {last.get(run.number)!r}"


def _duplicates(workspace: Workspace, connection: sa.Connection) -> Iterator[str]:
    """Files that were set aside are as the audit trail has them.

    A crash may leave a folder without its line; then its files have to be those of the job that they repeat.
    """
    query = sa.select(t.audit.c.content, t.audit.c.text).where(t.audit.c.kind == "duplicate")
    told = {row.content: row.text for row in connection.execute(query)}
    columns = (t.jobs.c.key, t.jobs.c.export_sha256, t.jobs.c.sheet_sha256)
    known = {row.key[:8]: sorted(filter(None, row[1:])) for row in connection.execute(sa.select(*columns))}
    for folder in sorted(workspace.duplicates.glob("*")):
        hashes = set_aside_hashes(folder)
        recorded = told.pop(audit.digest_of({folder.name: hashes}), None)
        if recorded is None and sorted(hashes.values()) != known.get(folder.name[-8:]):
            yield f"{folder.relative_to(workspace.root).as_posix()}: not the files that were set aside"
    for text in told.values():
        yield f"files that were set aside are changed or missing ({text})"


def _connections(connection: sa.Connection) -> Iterator[str]:
    for run_id, replaced_by in store.replacements(connection):
        yield f"run {run_id}: replaced_by should be {replaced_by!r}"
    numbers = set(connection.execute(sa.select(t.runs.c.number)).scalars())
    for table in t.OF_RUN:
        for number in set(connection.execute(sa.select(table.c.run).distinct()).scalars()) - numbers:
            yield f"{table.name}: rows of run number {number}, which is not there"


def _runs(bench: Bench, connection: sa.Connection, done: Verified, *, compute: bool) -> None:
    told = _last_contents(connection, RUN_LINES, t.audit.c.run_id)
    order = list(_last_contents(connection, ("run",), t.audit.c.run_id))
    held = held_ids(bench)
    if [run_id for run_id in held if run_id in order] != [run_id for run_id in order if run_id in held]:
        done.problems.append("runs: not in the order in which the audit trail recorded them")
    folders = places(bench.workspace)
    for run_id in told.keys() - set(held):
        done.problems.append(f"run {run_id}: removed from the ledger")
    for run_id in folders.keys() - set(held):
        done.problems.append(f"run {run_id}: has a folder, but is not in the ledger")
    for run_id in held:
        done.runs += 1
        rows = store.read_run(connection, run_id)
        if rows is None or store.content_of(rows) != told.get(run_id):
            done.problems.append(f"run {run_id}: its rows are not those that the audit trail recorded")
        if run_id not in folders:
            done.problems.append(f"run {run_id}: its result folder is missing")
            continue
        try:
            kept = read_kept(folders[run_id], known_job(bench, run_id))
        except InputError as error:
            done.problems.append(error.text())
            continue
        if rows is not None:
            done.problems += differences(run_id, kept.rows, rows)
        if compute:
            done.recomputed += 1
            done.problems += recompute(kept)


def _last_contents(
    connection: sa.Connection, kinds: tuple[str, ...], key: sa.Column[str | None]
) -> dict[str, str | None]:
    """Key -> content of the last line about it, in the order of the first lines."""
    query = sa.select(key, t.audit.c.content).where(t.audit.c.kind.in_(kinds)).order_by(t.audit.c.number)
    return {row[0]: row[1] for row in connection.execute(query)}
