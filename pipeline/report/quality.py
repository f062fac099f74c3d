"""Tables of quality control: findings, and wells that were not used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pipeline.domain.findings import Finding
from pipeline.domain.layout import Role
from pipeline.domain.record import RunRecord
from pipeline.domain.results import WellResult
from pipeline.report.tables import Table, make_table, parse_columns
from pipeline.report.words import FAIL, QUIET, VERDICTS, Format, Value, Word, show, state_text


def worst_first(found: Iterable[Finding]) -> list[Finding]:
    """Fails, warnings, not evaluated, passes; each in the order of the record."""
    order = list(VERDICTS)
    return sorted(found, key=lambda finding: order.index(finding.verdict))


def findings(found: Iterable[Finding]) -> Table:
    """What each rule said, worst first; the limit stands beside what was observed."""
    columns = parse_columns(
        "Verdict; Rule; Check|prose; Subject; Observed|general; Limit|general; Unit; Message|prose; "
        "Limit from|prose"
    )
    rows = (
        (
            *(VERDICTS[f.verdict], f.rule, f.title, f.subject, f.observed, f.limit, f.unit),
            *(f.message or None, f.source),
        )
        for f in worst_first(found)
    )
    return make_table("Quality control", columns, rows)


def finding_lines(found: Iterable[Finding]) -> Table:
    """The same for reading: rule, check and subject in one cell, numbers with their unit."""
    columns = parse_columns(
        "Verdict; Rule; Check|prose; Observed|prose; Limit; Message|prose; Limit from|prose"
    )
    rows = (
        (
            *(VERDICTS[f.verdict], f.rule, f"{f.title}: {f.subject}" if f.subject else f.title),
            *(_with_unit(f.observed, f.unit), _with_unit(f.limit, f.unit), f.message or None, f.source),
        )
        for f in worst_first(found)
    )
    return make_table("", columns, rows)


def _with_unit(value: float | str | None, unit: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return f"{show(value, Format.GENERAL)}\u00a0{unit}"


def unused(well: WellResult) -> bool:
    """A well that the layout uses and the result does not."""
    return well.role is not None and not well.used


def empty_slots(record: RunRecord) -> frozenset[str]:
    """Slots of the layout that no sample stands in: none of their wells was used, and no sample has them."""
    taken = {sample.slot for sample in record.samples}
    taken |= {well.name for well in record.wells if well.used and well.name}
    slots = {well.name for well in record.wells if well.role == Role.SAMPLE and well.name}
    return frozenset(slots - taken)


def crossed_wells(record: RunRecord) -> frozenset[str]:
    """Wells that were meant to be used and were not; wells of empty slots are not meant."""
    empty = empty_slots(record)
    return frozenset(
        well.well
        for well in record.wells
        if unused(well) and not (well.role == Role.SAMPLE and well.name in empty)
    )


def exclusions(record: RunRecord) -> Table:
    """Wells of the layout that were not used, with the reason; those of empty slots too."""
    columns = parse_columns(
        "Well; Role; Why not used|prose; Name; Dilution|dilution; OD as printed|od; Coating; "
        "Reader said|prose"
    )
    crossed = crossed_wells(record)
    rows = (_exclusion(well, crossed) for well in record.wells if unused(well))
    return make_table("Wells not used", columns, rows)


def _exclusion(well: WellResult, crossed: frozenset[str]) -> tuple[Value, ...]:
    state = None if well.state is None else state_text(well.state)
    return (
        *(_marked(well.well, crossed=well.well in crossed), well.role, _why(well), well.name or None),
        *(well.dilution, well.raw_od, well.antigen, state),
    )


def _marked(wells: str, *, crossed: bool) -> Word:
    return Word(wells, FAIL if crossed else QUIET)


def _why(well: WellResult) -> str:
    return well.reason or "no reason recorded"


def exclusion_lines(record: RunRecord) -> Table:
    """The same for reading: wells of one name and one reason share a line."""
    columns = parse_columns("Name; Role; Why not used|prose; Wells|prose")
    crossed = crossed_wells(record)
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for well in record.wells:
        if unused(well):
            groups[well.name or "", well.role or "", _why(well)].append(well.well)
    rows: Iterator[tuple[Value, ...]] = (
        (name or None, role, why, _marked(" ".join(wells), crossed=wells[0] in crossed))
        for (name, role, why), wells in groups.items()
    )
    return make_table("", columns, rows)
