"""``titerline ledger rebuild``: the ledger made again from the result folders, and proof that both agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from pipeline.errors import InputError
from pipeline.jobs.bench import Bench, now
from pipeline.jobs.filing import note_head
from pipeline.jobs.kept import Kept, Place, place_of, places, read_kept
from pipeline.ledger import audit, store
from pipeline.ledger.journal import enter
from pipeline.ledger.rows import RunRows, Values, job_of, job_values
from pipeline.ledger.tables import jobs, runs
from pipeline.record.job import FAILED, Job


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild found and did."""

    equal: int = 0
    """Runs whose rows in the ledger were those of their folders."""
    restored: list[str] = field(default_factory=list)
    """Ids of runs that the ledger lacked, or had with other values; they were written anew."""
    differences: list[str] = field(default_factory=list)
    """What was different, in words."""
    unreadable: list[str] = field(default_factory=list)
    """Runs whose folders are gone or broken; the ledger keeps what it has of them."""


def rebuild(bench: Bench) -> Rebuilt:
    """Make the ledger say what the result folders say, run by run.

    The audit trail and the reviews stay: they are history, not views of results. What was written anew is a
    line of the trail, so that a rebuild cannot hide a change.
    """
    done = Rebuilt()
    for place in _all_places(bench):
        try:
            kept = read_kept(place, known_job(bench, place.run_id))
        except InputError as error:
            done.unreadable.append(error.text())
            continue
        _mend(bench, kept, done)
    _mend_replaced(bench)
    text = f"{done.equal} runs equal, {len(done.restored)} written anew, {len(done.unreadable)} unreadable"
    bench.ledger.note("rebuild", text, now())
    note_head(bench)
    return done


def differences(run_id: str, in_folder: RunRows, in_ledger: RunRows) -> Iterator[str]:
    """What the ledger holds otherwise than the folders, in words."""
    yield from _unequal(f"run {run_id}: ", in_folder.run, in_ledger.run)
    for table in sorted({*in_folder.facts, *in_ledger.facts}):
        one, other = in_folder.facts.get(table, ()), in_ledger.facts.get(table, ())
        if len(one) != len(other):
            yield f"run {run_id}: {len(other)} {table} in the ledger, {len(one)} in its folder"
        for n, (right, found) in enumerate(zip(one, other, strict=False)):
            yield from _unequal(f"run {run_id}: {table} {n + 1}{_named(table, right)}: ", right, found)


def known_job(bench: Bench, run_id: str) -> Job | None:
    """The job of a run as the ledger knows it."""
    query = sa.select(jobs).join(runs, runs.c.job_key == jobs.c.key).where(runs.c.id == run_id)
    with bench.ledger.database.reading() as connection:
        row = connection.execute(query).one_or_none()
    return job_of(row) if row is not None else None


def held_ids(bench: Bench) -> list[str]:
    """Ids of all runs of the ledger, in their order."""
    with bench.ledger.database.reading() as connection:
        return list(connection.execute(sa.select(runs.c.id).order_by(runs.c.number)).scalars())


def _all_places(bench: Bench) -> Iterator[Place]:
    found = places(bench.workspace)
    yield from found.values()
    for run_id in held_ids(bench):
        if run_id not in found:
            yield place_of(bench.workspace, run_id)


def _mend(bench: Bench, kept: Kept, done: Rebuilt) -> None:
    run_id = kept.rows.run["id"]
    with bench.ledger.database.writing() as connection:
        held = store.read_run(connection, run_id)
        if held is None:
            found = [f"run {run_id}: not in the ledger"]
        else:
            found = list(differences(run_id, kept.rows, held))
        if not found:
            done.equal += 1
            return
        _enter_job(connection, kept)
        enter(connection, kept.rows, now(), "rebuilt")
        if store.read_run(connection, run_id) != kept.rows:
            found.append(f"run {run_id}: could not be restored")
    done.restored.append(run_id)
    done.differences += found


def _enter_job(connection: sa.Connection, kept: Kept) -> None:
    """A job that the ledger lost; its files are looked for in the inbox again, which does no harm."""
    if connection.execute(sa.select(jobs.c.key).where(jobs.c.key == kept.job.key)).one_or_none() is not None:
        return
    state = "failed" if kept.rows.run["verdict"] == FAILED else "done"
    at = kept.processed_at
    times = {"seen_at": at, "claimed_at": at, "processed_at": at, "finished_at": at}
    values: Values = {"key": kept.job.key, "state": state, "attempts": 1, **times, **job_values(kept.job)}
    connection.execute(jobs.insert().values(**values))
    row = connection.execute(sa.select(jobs).where(jobs.c.key == kept.job.key)).one()
    audit.append(connection, audit.Entry(now(), audit.STATE, state, row.key, None, store.row_content(row)))


def _mend_replaced(bench: Bench) -> None:
    with bench.ledger.database.writing() as connection:
        for run_id, replaced_by in store.replacements(connection):
            connection.execute(runs.update().where(runs.c.id == run_id).values(replaced_by=replaced_by))


def _unequal(where: str, right: Values, found: Values) -> Iterator[str]:
    for name in right.keys() | found.keys():
        if right.get(name) != found.get(name):
            yield f"{where}{name} is {found.get(name)!r} in the ledger, {right.get(name)!r} in its folder"


def _named(table: str, row: Values) -> str:
    keys = {"files": "name", "findings": "rule", "controls": "name", "quantities": "name", "samples": "slot"}
    return f" ({row[keys[table]]})" if table in keys else ""
