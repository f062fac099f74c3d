"""The sheet 'Provenance': files, versions, limits with their sources, settings, and room for signatures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.domain.record import RunRecord
from pipeline.report.excel.cells import SheetWriter
from pipeline.report.tables.columns import Table, make_table, parse_columns
from pipeline.report.tables.provenance import plain, provenance, settings_of
from pipeline.report.words.tones import Value

_WIDTHS = (42.0, 56.0, 14.0, 14.0, 11.0, 11.0, 11.0)
_SPANS = {3: (1, 1, 5), 5: (1, 1, 1, 1, 3), 6: (1, 1, 1, 1, 1, 2)}
"""Of tables with that many columns: hashes and remarks need the room of several."""
_SIGNED = ("Carried out by", "Checked by", "Released by")
_SIGNATURE_HEIGHT = 30.0


def provenance_sheet(sheet: SheetWriter, record: RunRecord) -> None:
    """What an auditor asks for two years later; signatures first, because they are looked for."""
    sheet.widths = dict(enumerate(_WIDTHS, start=1))
    sheet.prose_width = _WIDTHS[1]
    top, bottom = sheet.table(signatures(record), spans=(1, 1, 1, 4))
    for row in range(top + 1, bottom + 1):
        sheet.ws.row_dimensions[row].height = _SIGNATURE_HEIGHT
    known = limits(record)
    sheet.table(known, spans=_SPANS[len(known.columns)])
    for table in provenance(record):
        sheet.table(_without(known, table), spans=_SPANS.get(len(table.columns), ()))
    sheet.finish()


def _without(known: Table, table: Table) -> Table:
    """The table of settings without the limits, which have a table of their own."""
    names = {row[0] for row in known.rows}
    rows = (row for row in table.rows if str(row[0]).rpartition(".")[0] not in names)
    return make_table(table.title, table.columns, rows)


def signatures(record: RunRecord) -> Table:
    """Lines to sign on the printed page."""
    columns = parse_columns("Step; Name; Date; Signature")
    names = (record.run.operator or None, None, None)
    rows = ((step, name, None, None) for step, name in zip(_SIGNED, names, strict=True))
    return make_table("Signatures", columns, rows)


def limits(record: RunRecord) -> Table:
    """Each limit of the assay with its unit, what a breach does, and where it comes from."""
    columns = parse_columns("Limit; Source|prose; Value|general; Unit; On breach")
    return make_table("Limits and their sources", columns, _limits(settings_of(record)))


def _limits(settings: Mapping[str, object], prefix: str = "") -> Iterator[tuple[Value, ...]]:
    """Every setting that carries its source, wherever it stands."""
    for key, value in settings.items():
        if not isinstance(value, Mapping):
            continue
        if "value" in value and "source" in value:
            parts = (value["source"], value["value"], value.get("unit"), value.get("on_breach"))
            yield (f"{prefix}{key}", *map(plain, parts))
        else:
            yield from _limits(value, f"{prefix}{key}.")
