"""The settings of the assay in two parts: limits with their sources, and everything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.report.language import Given, Label, Unit, pieces
from pipeline.report.tables.columns import Column, Table
from pipeline.report.tables.provenance import flatten, plain
from pipeline.report.words.tones import Format, Value

_LIMIT_COLUMNS = (
    Column("Setting", Format.PROSE),
    Column("Value", Format.TEXT),
    Column("If broken", Format.TEXT),
    Column("Source", Format.PROSE),
)
_OTHER_COLUMNS = (Column("Setting", Format.PROSE), Column("Value", Format.PROSE))


def settings_tables(settings: Mapping[str, object]) -> tuple[Table, Table]:
    """Limits that carry a source, and the other settings; together every setting, once."""
    limits = tuple(_limits(settings, ""))
    others = tuple(flatten(_without_limits(settings)))
    return (
        Table("Limits of the assay with their sources", _LIMIT_COLUMNS, limits),
        Table("Other settings of the assay", _OTHER_COLUMNS, others),
    )


def _is_limit(value: object) -> bool:
    return isinstance(value, Mapping) and {"value", "source"} <= value.keys()


def _limits(settings: Mapping[str, object], prefix: str) -> Iterator[tuple[Value, ...]]:
    for key, value in settings.items():
        if not isinstance(value, Mapping):
            continue
        if _is_limit(value):
            unit = value.get("unit") or ""
            number = value["value"]
            shown = _amount(number, str(unit)) if isinstance(number, float | int) else plain(number)
            yield Given(f"{prefix}{key}"), shown, _breach(value), plain(value["source"])
        else:
            yield from _limits(value, f"{prefix}{key}.")


def _breach(limit: Mapping[str, object]) -> Value:
    """``warn`` or ``fail``; None for a limit that no rule has."""
    return Label(str(limit["on_breach"])) if "on_breach" in limit else None


def _amount(number: float, unit: str) -> str:
    return pieces(f"{number:g}", " ", Unit(unit)) if unit else f"{number:g}"


def _without_limits(settings: Mapping[str, object]) -> dict[str, object]:
    """The settings less the values of limits; what else stands beside such a value stays."""
    shown = {"value", "unit", "on_breach", "source"}
    kept: dict[str, object] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping) and value:
            rest = {k: v for k, v in value.items() if k not in shown} if _is_limit(value) else value
            if rest and (inner := _without_limits(rest)):
                kept[key] = inner
        else:
            kept[key] = value
    return kept
