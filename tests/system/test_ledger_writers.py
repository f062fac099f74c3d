"""Several programs write into one ledger at the same time: nothing is lost, the audit trail has no fork."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.ledger import Ledger
from pipeline.ledger.audit import broken_links

WRITERS, LINES = 4, 25
PROGRAM = """
import sys
from pathlib import Path
from pipeline.ledger import Ledger
place, name = sys.argv[1], sys.argv[2]
with Ledger(place if "://" in place else Path(place)) as ledger:
    for n in range(int(sys.argv[3])):
        ledger.note("test", f"{name} {n}", "2026-02-17T09:00:00+01:00")
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_concurrent_writers_lose_nothing(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Four programs that open a new ledger together and write at once leave every line, chained."""
    place = str(tmp_path / "ledger.db")
    if kind == "postgresql":
        new_database: Callable[[], str] = request.getfixturevalue("postgres")
        place = new_database()
    started = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, place, f"w{n}", str(LINES)])  # noqa: S603 - our own
        for n in range(WRITERS)
    ]
    assert [one.wait(timeout=120) for one in started] == [0] * WRITERS
    with Ledger(place if "://" in place else Path(place)) as ledger:
        told = {text for _, _, text in ledger.log(1000)}
        with ledger.database.reading() as connection:
            assert list(broken_links(connection)) == []
    assert told == {f"w{n} {line}" for n in range(WRITERS) for line in range(LINES)}
