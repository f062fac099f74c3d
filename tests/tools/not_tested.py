"""What a computer lacks for some tests, told once: how many were skipped, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def not_tested(reasons: Iterable[str]) -> str:
    """One line for all reasons, the commonest first; empty without any."""
    counted = Counter(reason.removeprefix("Skipped: ") for reason in reasons)
    parts = [f"{number} ({reason})" for reason, number in counted.most_common()]
    return f"{counted.total()} tests skipped: {', '.join(parts)}" if parts else ""
