"""How much is simulated, spoiled or killed: enough for every change, or ``TEST_SIZE=full`` as in CI."""

from __future__ import annotations

import os

FULL = os.environ.get("TEST_SIZE") == "full"


def size(everyday: int, full: int) -> int:
    """The number to try in this run."""
    return full if FULL else everyday
