"""The audit trail: lines that only grow, each holding the hash of the one before it.

A line's digest is the sha256 of its other columns as canonical JSON, the digest of its predecessor among
them. Changing, removing, adding or reordering a line breaks the chain there; cutting its tail is found by
the head that somebody noted elsewhere (``ledger.head`` beside the ledger, or on paper).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from pipeline.ledger.tables import audit

BEGINNING = "0" * 64
"""What stands before the first line."""

STATE = "job"
"""Kind of the lines about the states of a job, which the day log leaves out."""


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last line of a trail: how far it went, and its digest."""

    number: int
    digest: str

    def text(self) -> str:
        """``number:digest``, as it is noted."""
        return f"{self.number}:{self.digest}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened. ``content`` is the digest of the rows that were written with it."""

    at: str
    kind: str
    text: str
    job_key: str | None = None
    run_id: str | None = None
    content: str | None = None


def digest_of(content: object) -> str:
    """sha256 of canonical JSON; what JSON cannot hold, and the program never writes, has one too."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def head(connection: sa.Connection) -> ChainHead:
    """The end of the trail."""
    query = sa.select(audit.c.number, audit.c.digest).order_by(audit.c.number.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return ChainHead(row.number, row.digest) if row is not None else ChainHead(0, BEGINNING)


def head_of(text: str) -> ChainHead:
    """Read ``number:digest``.

    Raises:
        ValueError: it is none.
    """
    number, digest = text.strip().split(":")
    return ChainHead(int(number), digest)


def holds(connection: sa.Connection, noted: ChainHead) -> bool:
    """Is the line there that was the end of the trail once?"""
    if not noted.number:
        return True
    query = sa.select(audit.c.digest).where(audit.c.number == noted.number)
    return connection.execute(query).scalar() == noted.digest


def append(connection: sa.Connection, line: Entry) -> None:
    """Add a line; the caller's transaction keeps all other writers out."""
    last = head(connection)
    values: dict[str, object] = {
        "number": last.number + 1,
        "at": line.at,
        "kind": line.kind,
        "text": line.text,
        "job_key": line.job_key,
        "run_id": line.run_id,
        "content": line.content,
        "previous": last.digest,
    }
    connection.execute(audit.insert().values(**values, digest=digest_of(values)))


def broken_links(connection: sa.Connection, noted: Iterable[ChainHead] = ()) -> Iterator[str]:
    """What is wrong with the trail, in words; nothing when it is whole.

    Args:
        connection: of a reading transaction.
        noted: ends that the trail had earlier, where somebody noted them.
    """
    expected, missing = ChainHead(0, BEGINNING), {head for head in noted if head.number}
    for row in connection.execute(sa.select(audit).order_by(audit.c.number)):
        yield from _wrong(dict(row._mapping), expected)  # noqa: SLF001 - SQLAlchemy's public name for it
        expected = ChainHead(row.number, row.digest)
        missing.discard(expected)
    for head in missing:
        yield f"audit: line {head.number} is not there as it was noted; lines were removed or changed"


def _wrong(row: Mapping[str, object], before: ChainHead) -> Iterator[str]:
    values = {name: value for name, value in row.items() if name != "digest"}
    if row["number"] != before.number + 1:
        yield f"audit: line {before.number + 1} is missing, line {row['number']} follows"
    if row["previous"] != before.digest:
        yield f"audit: line {row['number']} does not follow the line before it"
    if row["digest"] != digest_of(values):
        yield f"audit: line {row['number']} was changed"
