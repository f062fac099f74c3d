"""Random changes of a workspace behind the program's back, one at a time."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

TABLES = (
    "audit",
    "controls",
    "curve_parameters",
    "files",
    "findings",
    "jobs",
    "quantities",
    "reviews",
    "runs",
    "samples",
)
FOLDERS = ("reports", "processed", "rejected")
"""What lies in run folders; pages beside them are written anew by the watcher."""


def tamper(root: Path, chance: random.Random) -> str:
    """Make one change in the ledger, in results or in kept files; says which."""
    target = chance.choice(("row", "row", "file"))
    return _change_row(root / "ledger.db", chance) if target == "row" else _change_file(root, chance)


def _change_file(root: Path, chance: random.Random) -> str:
    found = [path for folder in FOLDERS for path in (root / folder).rglob("*/*") if path.is_file()]
    path = chance.choice([p for p in sorted(found) if p.name != "NOTE.txt"])
    data = path.read_bytes()
    deed = chance.choice(("bit", "cut", "longer", "gone", "other name", "new file"))
    if deed == "bit" and data:
        place = chance.randrange(len(data))
        changed = bytes([data[place] ^ (1 << chance.randrange(8))])
        path.write_bytes(data[:place] + changed + data[place + 1 :])
    elif deed == "cut" and data:
        path.write_bytes(data[: chance.randrange(len(data))])
    elif deed == "gone":
        path.unlink()
    elif deed == "other name":
        path.rename(path.with_name(f"other-{path.name}"))
    elif deed == "new file":
        path.with_name("slipped-in.txt").write_bytes(b"?")
    else:
        path.write_bytes(data + b" ")
    return f"{deed}: {path.relative_to(root)}"


def _change_row(file: Path, chance: random.Random) -> str:
    with closing(sqlite3.connect(file)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        table = chance.choice([name for name in TABLES if _count(connection, name)])
        deed = chance.choice((_other_value, _other_value, _removed, _doubled, _swapped))
        text = deed(connection, table, chance)
        connection.commit()
    return f"{table}: {text}"


def _count(connection: sqlite3.Connection, table: str) -> int:
    count: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own name
    return count


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _row(connection: sqlite3.Connection, table: str, chance: random.Random) -> tuple[int, tuple[object, ...]]:
    """Some row, with SQLite's own number of it."""
    place = chance.randrange(_count(connection, table))
    query = f"SELECT rowid, * FROM {table} ORDER BY rowid LIMIT 1 OFFSET {place}"  # noqa: S608 - our own name
    rowid, *values = connection.execute(query).fetchone()
    return rowid, tuple(values)


def _other_value(connection: sqlite3.Connection, table: str, chance: random.Random) -> str:
    rowid, values = _row(connection, table, chance)
    columns = _columns(connection, table)
    place = chance.randrange(len(columns))
    old = values[place]
    new: object = "x" if old is None else old + 1 if isinstance(old, int | float) else f"{old}x"
    try:
        _set(connection, table, rowid, {columns[place]: new})
    except sqlite3.IntegrityError:  # a key that is there already
        return _removed(connection, table, chance)
    return f"{columns[place]} of row {rowid} from {old!r} to {new!r}"


def _removed(connection: sqlite3.Connection, table: str, chance: random.Random) -> str:
    rowid, _ = _row(connection, table, chance)
    connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))  # noqa: S608 - our own name
    return f"row {rowid} removed"


def _doubled(connection: sqlite3.Connection, table: str, chance: random.Random) -> str:
    """A row once more, under keys of its own."""
    rowid, values = _row(connection, table, chance)
    columns = _columns(connection, table)
    fresh = {"number": 9_000, "position": 9_000, "id": "made-up", "key": "made-up"}
    row = [fresh.get(name, value) for name, value in zip(columns, values, strict=True)]
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 - our own name
    return f"row {rowid} doubled"


def _swapped(connection: sqlite3.Connection, table: str, chance: random.Random) -> str:
    """The contents of two rows exchanged, keys left in place."""
    if _count(connection, table) == 1:
        return _removed(connection, table, chance)
    kept = {"number", "run", "position", "key", "id"}
    names = [name for name in _columns(connection, table) if name not in kept]
    first, second = _two_rows(connection, table, names, chance)
    _set(connection, table, first[0], dict(zip(names, second[1], strict=True)))
    _set(connection, table, second[0], dict(zip(names, first[1], strict=True)))
    if first[1] == second[1]:
        return _removed(connection, table, chance)
    return f"rows {first[0]} and {second[0]} swapped"


def _two_rows(
    connection: sqlite3.Connection, table: str, names: list[str], chance: random.Random
) -> list[tuple[int, tuple[object, ...]]]:
    chosen = ", ".join(f'"{name}"' for name in names)
    rows = connection.execute(f"SELECT rowid, {chosen} FROM {table}").fetchall()  # noqa: S608 - our own name
    return [(row[0], tuple(row[1:])) for row in chance.sample(rows, 2)]


def _set(connection: sqlite3.Connection, table: str, rowid: int, values: dict[str, object]) -> None:
    marks = ", ".join(f'"{name}" = ?' for name in values)
    query = f"UPDATE {table} SET {marks} WHERE rowid = ?"  # noqa: S608 - our own names
    connection.execute(query, (*values.values(), rowid))
