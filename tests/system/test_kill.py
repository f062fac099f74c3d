"""kill -9 at random moments: nothing lost, nothing doubled, nothing cut short."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sizes import size

KILLS = size(15, 40)


@pytest.mark.skipif(sys.platform == "win32", reason="the campaign forks its watchers")
def test_random_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """Over twice as many drops: each export has one report, one kept file and one line in the ledger."""
    script = Path(__file__).with_name("kill_campaign.py")
    answer = subprocess.run(  # noqa: S603 - this Python, our own script
        [sys.executable, str(script), str(tmp_path / "elisa"), str(KILLS), str(2 * KILLS), "20260217"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    found = json.loads(answer.stdout)
    assert found.pop("killed") >= KILLS // 2, "the kills came too late to mean anything"
    assert found == {
        "finished": True,
        "files": 2 * KILLS,
        "lost": 0,
        "doubled": 0,
        "truncated": 0,
        "in_ledger": 2 * KILLS,
        "left_in_inbox": 0,
        "duplicates": 0,
        "strays": 0,
    }
