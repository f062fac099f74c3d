"""The ledger: what was received, what came of it, who decided what, and proof that nobody changed it since.

``journal`` is the front: jobs, runs, reviews. ``past`` asks for past runs. ``audit`` is the chained trail.
``tables``, ``rows`` and ``store`` say how records stand in a database, ``database`` opens one,
``migrations`` make its schema. SQLite by default, PostgreSQL by URL, through SQLAlchemy Core.
"""

from __future__ import annotations

from pipeline.errors import LedgerError
from pipeline.ledger.journal import AlreadyDone, Claim, Ledger

__all__ = ["AlreadyDone", "Claim", "Ledger", "LedgerError"]
