"""Read, pair, compute, judge, record: one export, in memory, end to end. Knows record and what lies below."""

from __future__ import annotations

from pipeline.process.export import process_export

__all__ = ["process_export"]
