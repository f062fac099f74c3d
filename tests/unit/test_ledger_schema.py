"""The ledger's schema: made by migrations, the same on both databases, old ledgers carried over."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pipeline.ledger import Ledger, LedgerError
from pipeline.ledger.audit import broken_links
from pipeline.ledger.tables import metadata

FIRST = """
CREATE TABLE jobs (key TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL, attempts INTEGER NOT NULL,
  assay TEXT NOT NULL, export_name TEXT NOT NULL, export_path TEXT NOT NULL, export_sha256 TEXT NOT NULL,
  export_size INTEGER NOT NULL, sheet_name TEXT, sheet_path TEXT, sheet_sha256 TEXT, sheet_size INTEGER,
  seen_at TEXT NOT NULL, claimed_at TEXT, processed_at TEXT, finished_at TEXT, filed_at TEXT);
CREATE INDEX jobs_by_state ON jobs (state);
CREATE INDEX jobs_by_content ON jobs (export_sha256);
CREATE TABLE runs (number INTEGER NOT NULL PRIMARY KEY, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL,
  job_key TEXT NOT NULL REFERENCES jobs (key), plate TEXT NOT NULL, assay TEXT NOT NULL, export TEXT NOT NULL,
  verdict TEXT NOT NULL, processed_at TEXT NOT NULL, samples INTEGER NOT NULL, repeats INTEGER NOT NULL,
  supersedes TEXT, code TEXT, message TEXT, action TEXT);
CREATE INDEX runs_by_job ON runs (job_key);
CREATE INDEX runs_by_name ON runs (export, assay);
CREATE TABLE events (id INTEGER NOT NULL PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL,
  text TEXT NOT NULL, job_key TEXT, run_id TEXT);
CREATE TRIGGER events_no_UPDATE BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the day log is append-only'); END;
INSERT INTO jobs VALUES ('k', 'done', 1, 'a', 'p.txt', 'a/p.txt', 's', 3, NULL, NULL, NULL, NULL, 't', 't',
  't', 't', 't');
INSERT INTO runs VALUES (1, 'r1', 'x', 'k', 'P', 'a', 'p.txt', 'accepted', 't', 4, 0, NULL, NULL, NULL, NULL);
INSERT INTO events VALUES (1, 't1', 'run', 'accepted: p.txt', 'k', 'r1');
INSERT INTO events VALUES (2, 't2', 'gone', 'q.txt', NULL, NULL);
PRAGMA user_version = 1;
"""
"""A ledger as the first versions made it."""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_migrations_make_the_tables_that_the_program_uses(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Column by column and index by index, on both databases."""
    place: Path | str = tmp_path / "ledger.db"
    if kind == "postgresql":
        new_database: Callable[[], str] = request.getfixturevalue("postgres")
        place = new_database()
    with Ledger(place) as ledger, ledger.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_an_old_ledger_is_carried_over(tmp_path: Path) -> None:
    """Jobs, runs and the day log of the first versions are there, and the log is chained."""
    file = tmp_path / "ledger.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(FIRST)
    with Ledger(file) as ledger:
        assert ledger.lacks_results()
        assert [line.id for line in ledger.recent(5)] == ["r1"]
        assert ledger.log(5) == [("t2", "gone", "q.txt"), ("t1", "run", "accepted: p.txt")]
        with ledger.database.reading() as connection:
            assert list(broken_links(connection)) == []
            types_aside = MigrationContext.configure(connection, opts={"compare_type": False})
            assert compare_metadata(types_aside, metadata) == []  # SQLite has one type of whole numbers
    with Ledger(file) as again:
        assert again.lacks_results()


def test_an_old_ledger_is_not_touched_by_a_look(tmp_path: Path) -> None:
    """Who verifies changes nothing, not even the version."""
    file = tmp_path / "ledger.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(FIRST)
    with pytest.raises(LedgerError, match="older version"):
        Ledger(file, upgrade=False)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (2,)
