"""How a workbook from outside shows its values: read from the parts of the file, nothing is built of them."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml.ElementTree import fromstring, iterparse
from openpyxl.packaging.relationship import get_dependents, get_rels_path

from pipeline.report.excel.shown import CellLook, SheetLook, plain_reference, rule_words

_TRUE = ("1", "true")
_FLAT, _NARROW = 3.0, 0.5
"""Rows (points) and columns (characters) below these show nothing."""
_DRAWN = {"graphicFrame": "charts", "pic": "pictures", "sp": "shapes", "cxnSp": "shapes", "grpSp": "shapes"}
_COMMENTS = ("comments", "threadedComment")
_MOST_COMMENTS = 10_000


@dataclass(slots=True)
class _SheetFacts:
    """What a sheet's part says, gathered while it is read."""

    rows: list[int]
    columns: list[tuple[int, int]]
    """First and last of hidden columns."""
    merged: set[str]
    rules: set[str]
    filtered: bool = False
    protected: bool = False


def look_of_sheet(
    archive: ZipFile, path: str, state: str, cells: Mapping[tuple[int, int], CellLook]
) -> SheetLook:
    """The look of one sheet; ``cells`` are those that hold something."""
    found = _read(archive.read(path))
    rows, columns = {row for row, _ in cells}, sorted({column for _, column in cells})
    drawings, comments = _beside(archive, path)
    return SheetLook(
        cells=cells,
        state=state,
        hidden_rows=tuple(row for row in found.rows if row in rows),
        hidden_columns=tuple(n for n in columns if any(first <= n <= last for first, last in found.columns)),
        filtered=found.filtered,
        merged=frozenset(found.merged),
        rules=frozenset(found.rules),
        comments=frozenset(comments),
        drawn=dict(Counter(kind for drawing in drawings for kind in _kinds(archive, drawing))),
        charted=tuple(sorted(text for drawing in drawings for text in _charted(archive, drawing))),
        protected=found.protected,
    )


def _read(part: bytes) -> _SheetFacts:
    found = _SheetFacts([], [], set(), set())
    number = 0
    for _, node in iterparse(io.BytesIO(part)):
        name = _name(node)
        if name == "row":
            number = int(node.get("r", number + 1))
            if _is_hidden(node, "ht", _FLAT):
                found.rows.append(number)
            node.clear()
        elif name in _TAKEN:
            _TAKEN[name](found, node)
    return found


def _column(found: _SheetFacts, node: Element) -> None:
    if _is_hidden(node, "width", _NARROW):
        found.columns.append((int(node.get("min", "1")), int(node.get("max", "1"))))


def _merge(found: _SheetFacts, node: Element) -> None:
    found.merged.add(node.get("ref", ""))


def _rule(found: _SheetFacts, node: Element) -> None:
    """The usual kind, and that of extensions, whose cells stand in an element."""
    inside = "".join(one.text or "" for one in node.iter() if _name(one) == "sqref")
    for rule in (one for one in node if _name(one) == "cfRule"):
        colours = [one.get("rgb", "") for one in rule.iter() if _name(one) == "color"]
        found.rules.add(rule_words(node.get("sqref", inside), rule.get("type", ""), colours))


def _filter(found: _SheetFacts, _node: Element) -> None:
    found.filtered = True


def _protect(found: _SheetFacts, node: Element) -> None:
    found.protected = node.get("sheet") in _TRUE


_TAKEN = {
    "col": _column,
    "mergeCell": _merge,
    "conditionalFormatting": _rule,
    "filterColumn": _filter,
    "sheetProtection": _protect,
}


def _is_hidden(node: Element, measure: str, least: float) -> bool:
    size = node.get(measure)
    return node.get("hidden") in _TRUE or (size is not None and float(size) < least)


def _beside(archive: ZipFile, path: str) -> tuple[list[str], list[str]]:
    """Parts with drawings, and the cells that have a comment."""
    drawings, comments = [], []
    for kind, target in _links(archive, path):
        if kind == "drawing":
            drawings.append(target)
        elif kind in _COMMENTS:
            nodes = fromstring(archive.read(target)).iter()
            comments += [node.get("ref", "") for node in nodes if node.get("ref")][:_MOST_COMMENTS]
    return drawings, comments


def _links(archive: ZipFile, path: str) -> Iterator[tuple[str, str]]:
    """(kind, part) of what a part refers to."""
    links = get_rels_path(path)  # type: ignore[no-untyped-call]
    if links in archive.namelist():
        every: Collection[Any] = get_dependents(archive, links)
        inside = (one for one in every if one.TargetMode != "External")
        yield from ((one.Type.rpartition("/")[2], one.target) for one in inside)


def _kinds(archive: ZipFile, drawing: str) -> Iterator[str]:
    for node in fromstring(archive.read(drawing)).iter():
        if _name(node) in _DRAWN:
            yield _DRAWN[_name(node)]


def _charted(archive: ZipFile, drawing: str) -> Iterator[str]:
    """The cells that the charts of a drawing show; their titles are text."""
    for kind, target in _links(archive, drawing):
        if kind == "chart":
            nodes = fromstring(archive.read(target)).iter()
            texts = (node.text or "" for node in nodes if _name(node) == "f")
            yield from (plain_reference(text) for text in texts if not text.startswith('"'))


def _name(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]
