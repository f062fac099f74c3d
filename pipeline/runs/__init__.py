"""Over many runs: list, history, summary, follow-up, learning. Knows report, ledger and what lies below.

``from pipeline import runs``, and :func:`frame` reads the runs of a workspace into tables of pandas.
"""

from __future__ import annotations

from pipeline.runs.frames import Frames, frame

__all__ = ["Frames", "frame"]
