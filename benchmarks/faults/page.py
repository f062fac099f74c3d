"""The parts of ``docs/qc.md`` that are generated.

``python -m benchmarks.faults.page`` writes the rules alone, in a moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.commands.parts.rule_list import rule_rows
from pipeline.definitions import load_definition
from pipeline.workspace.shipped import find_assay

PAGE = Path("docs/qc.md")
ASSAY = "anti_mag_igm"
"""Whose limits the page shows."""


def rule_lines() -> list[str]:
    """The catalogue of rules with the limits of the shipped assay."""
    return _tables(rule_rows(load_definition(find_assay(ASSAY))))


def _tables(rows: Sequence[dict[str, object]]) -> list[str]:
    """A heading for each group of rules, a table below it."""
    lines: list[str] = []
    for group in dict.fromkeys(str(row["group"]) for row in rows):
        own = [row for row in rows if row["group"] == group]
        heading = group.upper() if group[-1].isdigit() else group.capitalize()
        lines += [
            f"### {heading}",
            "",
            "| rule | it holds when | a breach is called | what is judged | limit |",
        ]
        lines += ["| --- | --- | --- | --- | --- |", *map(_markdown_row, own), ""]
    return lines


def _markdown_row(row: dict[str, object]) -> str:
    if row["limit"] is None:
        limit = f"`{row['limit_key']}` in {row['unit']}, not declared"
    else:
        limit = (
            f"`{row['limit_key']}` {row['allowed']} {row['limit']:g} {row['unit']}, "
            f"else {row['on_breach']}: {row['source']}"
        )
    cells = (row["rule"], row["title"], row["breach"], row["description"], limit)
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"


def part(text: str, mark: str) -> str:
    """What stands in a page between ``<!-- mark -->`` and ``<!-- /mark -->``."""
    return text.partition(f"<!-- {mark} -->\n")[2].partition(f"<!-- /{mark} -->")[0]


def write(page: Path, parts: Mapping[str, Sequence[str]]) -> None:
    """Put new lines between the marks of a page; the rest stays."""
    text = page.read_text(encoding="utf-8")
    for mark, lines in parts.items():
        new = "\n".join(["", *lines]).rstrip("\n") + "\n\n"
        before, start, rest = text.partition(f"<!-- {mark} -->\n")
        _, end, after = rest.partition(f"<!-- /{mark} -->")
        text = f"{before}{start}{new}{end}{after}"
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(PAGE, {"rules": rule_lines()})
