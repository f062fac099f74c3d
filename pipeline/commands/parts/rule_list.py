"""The QC rules as a table: for ``titerline rules`` and its JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from pipeline.definitions import AssayDefinition
from pipeline.domain.limits import LIMIT_KINDS
from qc.rule import Rule, all_rules, rules_of


def rule_rows(definition: AssayDefinition | None) -> list[dict[str, object]]:
    """One row a rule; limit, consequence, source and origin are None without an assay or a declared limit."""
    rules = all_rules() if definition is None else rules_of(definition.assay)
    return [_row(rule, definition) for rule in rules]


def _row(rule: Rule, definition: AssayDefinition | None) -> dict[str, object]:
    limit = rule.declared(definition.assay) if definition is not None else None
    removed = definition.assay.limits_removed if definition is not None else None
    whole, kind = definition.effective if definition is not None else None, LIMIT_KINDS[rule.limit]
    return {
        "rule": rule.id,
        "group": rule.group,
        "title": rule.title,
        "breach": rule.breach,
        "description": rule.description,
        "limit_key": rule.limit,
        "limit": limit.value if limit is not None else None,
        "allowed": kind.side,
        "unit": kind.unit,
        "on_breach": limit.on_breach if limit is not None else None,
        "source": limit.source if limit is not None else None,
        "origin": whole.origin_in_words(f"limits.{rule.limit}") if whole is not None else None,
        "removed": (removed or {}).get(rule.limit),
    }


def rule_text(rows: Sequence[dict[str, object]]) -> str:
    """The same for people."""
    return "\n\n".join(_one(row) for row in rows)


def _one(row: dict[str, object]) -> str:
    if row["limit"] is None:
        taken = f"taken away: {row['removed']}" if row["removed"] else "declared by the assay"
        limit = f"limit: {row['limit_key']} ({row['unit']}), {taken}"
    else:
        limit = f"limit: {row['allowed']} {row['limit']:g} {row['unit']}; a breach: {row['on_breach']}"
    body = [str(row["description"]), limit, f"a breach is called: {row['breach']}"]
    body += [f"{key}: {row[key]}" for key in ("source", "origin") if row[key]]
    wrapped = [
        textwrap.fill(text, width=96, initial_indent="        ", subsequent_indent="          ")
        for text in body
    ]
    return "\n".join([f"{row['rule']}  {row['title']}", *wrapped])
