"""``titerline verify``: is everything as it was recorded? Every difference is named; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from pipeline.errors import InputError
from pipeline.jobs.bench import Bench
from pipeline.jobs.filing import set_aside_hashes
from pipeline.jobs.kept import Place, places, read_kept
from pipeline.jobs.rebuild import differences, held_ids, known_job
from pipeline.ledger import audit, checks, store
from pipeline.ledger import tables as t
from pipeline.ledger.rows import RunRows
from pipeline.verify.past_steps import past_step_problems
from pipeline.verify.recompute import recompute
from pipeline.workspace.folders import Workspace


@dataclass(slots=True)
class Verified:
    """What was looked at, and what is not as it was recorded."""

    runs: int = 0
    recomputed: int = 0
    head: str = ""
    """End of the audit trail, to be noted outside."""
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What could not be looked at, and differences that another version of the program explains."""


def verify(bench: Bench, *, compute: bool = True, noted: audit.ChainHead | None = None) -> Verified:
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
        done.problems += checks.ledger_problems(connection, heads)
        done.problems += _unrecorded(bench.workspace)
        done.problems += _duplicates(bench.workspace, connection)
        _runs(bench, connection, done, compute=compute)
    return done


def _noted(workspace: Workspace) -> audit.ChainHead | None:
    if not workspace.head_file.is_file():
        return None
    return audit.head_of(workspace.head_file.read_text("utf-8"))


def _unrecorded(workspace: Workspace) -> Iterator[str]:
    """Folders and files among results and received files that no run explains.

    Files that lie beside the run folders in ``reports`` are people's own: lists, summaries.
    """
    known, ours = places(workspace), {workspace.duplicates, workspace.unfinished}
    for parent in (workspace.reports, workspace.processed, workspace.rejected):
        for path in sorted(parent.iterdir()) if parent.is_dir() else ():
            own_file = path.is_file() and parent == workspace.reports
            if not own_file and path.name not in known and path not in ours:
                yield f"{path.relative_to(workspace.root).as_posix()}: nobody recorded it"


def _duplicates(workspace: Workspace, connection: sa.Connection) -> Iterator[str]:
    """Files that were set aside are as the audit trail has them.

    A crash may leave a folder without its line; then its files have to be those of the job that they repeat.
    """
    query = sa.select(t.audit.c.content, t.audit.c.text).where(
        t.audit.c.kind == "duplicate", t.audit.c.content.is_not(None)
    )
    texts = {row.content: row.text for row in connection.execute(query)}
    columns = (t.jobs.c.key, t.jobs.c.export_sha256, t.jobs.c.sheet_sha256)
    known = {row.key: set(filter(None, row[1:])) for row in connection.execute(sa.select(*columns))}
    for folder in sorted(workspace.duplicates.glob("*")):
        hashes = set_aside_hashes(folder)
        recorded = texts.pop(audit.digest_of({folder.name: hashes}), None)
        if recorded is None and not any(set(hashes.values()) <= kept for kept in _of_key(folder, known)):
            yield f"{folder.relative_to(workspace.root).as_posix()}: not the files that were set aside"
    for text in texts.values():
        yield f"files that were set aside are changed or missing ({text})"


def _of_key(folder: Path, known: Mapping[str, set[str]]) -> Iterator[set[str]]:
    """Hashes of the jobs whose key begins with what ends the name of a folder."""
    shown = folder.name.rpartition("_")[2]
    return (hashes for key, hashes in known.items() if key.startswith(shown))


def _runs(bench: Bench, connection: sa.Connection, done: Verified, *, compute: bool) -> None:
    recorded, folders = checks.run_contents(connection), places(bench.workspace)
    held = held_ids(bench)
    done.problems += [
        f"run {run_id}: has a folder, but is not in the ledger" for run_id in folders.keys() - set(held)
    ]
    for run_id in held:
        done.runs += 1
        rows = store.read_run(connection, run_id)
        if rows is None or store.content_of(rows) != recorded.get(run_id):
            done.problems.append(f"run {run_id}: its rows are not those that the audit trail recorded")
        place = folders.get(run_id)
        if place is None:
            done.problems.append(f"run {run_id}: its result folder is missing")
        elif rows is not None:
            _compare(bench, connection, place, rows, done, compute=compute)


def _compare(
    bench: Bench, connection: sa.Connection, place: Place, rows: RunRows, done: Verified, *, compute: bool
) -> None:
    """One run: its folders against the ledger, and its results against its kept export."""
    try:
        kept = read_kept(place, known_job(bench, place.run_id))
    except InputError as error:
        done.problems.append(error.text())
        return
    done.problems += differences(place.run_id, kept.rows, rows)
    if compute:
        done.problems += past_step_problems(kept, connection)
        again = recompute(kept)
        done.recomputed += again.computed
        done.problems += again.problems
        done.notes += again.notes
