"""The QC rules as a table: for ``titerline rules`` and its JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from pipeline.domain.assay import LIMIT_UNITS, Assay
from qc.rule import all_rules


def rule_rows(assay: Assay | None) -> list[dict[str, object]]:
    """One row a rule; limit, consequence and source are None without an assay or without a declared limit."""
    rows: list[dict[str, object]] = []
    for rule in all_rules():
        limit = rule.declared(assay) if assay is not None else None
        rows.append(
            {
                "rule": rule.id,
                "title": rule.title,
                "description": rule.description,
                "limit_key": rule.limit,
                "limit": limit.value if limit is not None else None,
                "unit": limit.unit if limit is not None else LIMIT_UNITS[rule.limit],
                "on_breach": limit.on_breach if limit is not None else None,
                "source": limit.source if limit is not None else None,
            }
        )
    return rows


def rule_text(rows: Sequence[dict[str, object]]) -> str:
    """The same for people."""
    return "\n\n".join(_one(row) for row in rows)


def _one(row: dict[str, object]) -> str:
    if row["limit"] is None:
        limit = f"limit: {row['limit_key']} ({row['unit']}), declared by the assay"
    else:
        limit = f"limit: {row['limit']:g} {row['unit']}; a breach: {row['on_breach']}"
    body = [str(row["description"]), limit] + ([f"source: {row['source']}"] if row["source"] else [])
    wrapped = [
        textwrap.fill(text, width=96, initial_indent="        ", subsequent_indent="          ")
        for text in body
    ]
    return "\n".join([f"{row['rule']}  {row['title']}", *wrapped])
