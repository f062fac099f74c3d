"""``titerline fit``: any table of concentrations and responses -> curves, as JSON or as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from pipeline.any_table.outliers import Point, ReplicateOutliers, outlier_lines, replicate_outliers
from pipeline.compute.curve.table_fit import (
    TABLE_MODELS,
    ParameterEstimate,
    Prediction,
    ReadOff,
    TableFit,
    fit_table,
    without_curve,
)
from pipeline.compute.statistics.outliers import OUTLIER_TESTS
from pipeline.domain.assay import WEIGHTS
from pipeline.domain.message import Message
from pipeline.errors import DefinitionError, InputError, nearest
from pipeline.tables.columns import TableRow, read_columns

FIT_SCHEMA = "titerline.fit/1"


@dataclass(frozen=True, slots=True)
class FitRequest:
    """What to fit: names of columns, model, weights, responses to read off, test for outliers."""

    x: str
    y: str
    group: str | None
    model: str
    weights: str
    predict: tuple[float, ...] = ()
    outliers: str | None = None
    how: ReadOff = field(default_factory=ReadOff)


@dataclass(frozen=True, slots=True)
class GroupFit:
    """One group's curve, and its suspected outliers where they were asked for."""

    fit: TableFit
    outliers: ReplicateOutliers | None


def fit_file(data: bytes, name: str, request: FitRequest) -> list[GroupFit]:
    """Fit every group of a table (CSV, text or workbook), in the order in which the groups appear.

    A row without x is an unknown: its response is read off the curve of its group.

    Raises:
        DefinitionError: for a model, weights or a test for outliers that do not exist.
        InputError: for a column that is not there, or a cell that is no number.
    """
    _check(request)
    texts = [request.group] if request.group else []
    groups: dict[str | None, list[TableRow]] = {}
    for row in read_columns(data, name, [request.y], texts, [request.x]):
        groups.setdefault(row.texts[0] if row.texts else None, []).append(row)
    return [_group_fit(group, rows, name, request) for group, rows in groups.items()]


def _group_fit(group: str | None, rows: Sequence[TableRow], name: str, request: FitRequest) -> GroupFit:
    points = [_point(row, x, name) for row in rows if (x := row.maybe[0]) is not None]
    unknowns = {row.line: row.numbers[0] for row in rows if row.maybe[0] is None}
    fit = _fitted(group, points, [*request.predict, *unknowns.values()], request)
    asked = len(request.predict)
    named = (replace(p, line=line) for p, line in zip(fit.predictions[asked:], unknowns, strict=True))
    fit = replace(fit, predictions=(*fit.predictions[:asked], *named))
    return GroupFit(fit, replicate_outliers(points, request.outliers) if request.outliers else None)


def _fitted(
    group: str | None, points: Sequence[Point], predict: Sequence[float], request: FitRequest
) -> TableFit:
    x, y = (np.array(values) for values in ([p.x for p in points], [p.y for p in points]))
    if not (x > 0).any():
        nothing = TableFit(group, request.model, request.weights, len(x), 0, level=request.how.level)
        return without_curve(nothing, predict, "no_fit", "no fit: no x above zero")
    return fit_table(x, y, request.model, request.weights, predict, group, request.how)


def _check(request: FitRequest) -> None:
    if request.model not in TABLE_MODELS:
        raise DefinitionError(
            "MODEL_UNKNOWN",
            "this model is not known",
            found=f"'{request.model}'{nearest(request.model, TABLE_MODELS)}",
            expected=", ".join(TABLE_MODELS),
        )
    if WEIGHTS.fullmatch(request.weights) is None:
        raise DefinitionError(
            "WEIGHTS_UNKNOWN",
            "these weights are not known",
            found=f"'{request.weights}'",
            expected="none, 1/y, 1/y2, power or power:THETA such as power:0.8",
        )
    if not 0 < request.how.level < 1 or request.how.wells < 1:
        raise DefinitionError(
            "READ_OFF",
            "these intervals cannot be given",
            found=f"level {100 * request.how.level:g} %, mean of {request.how.wells}",
            expected="a level between 0 and 100 %, a mean of 1 reading or more",
        )
    if request.outliers is not None and request.outliers not in OUTLIER_TESTS:
        raise DefinitionError(
            "OUTLIER_TEST_UNKNOWN",
            "this test for outliers is not known",
            found=f"'{request.outliers}'{nearest(request.outliers, OUTLIER_TESTS)}",
            expected=", ".join(OUTLIER_TESTS),
        )


def _point(row: TableRow, x: float, name: str) -> Point:
    if x < 0:
        raise InputError(
            "CONCENTRATION_NEGATIVE",
            "a concentration is below zero",
            file=name,
            place=Message("line {n:n}", n=row.line),
            found=f"{x:g}",
            expected="zero or more",
        )
    return Point(row.line, x, row.numbers[0])


def fit_document(groups: Sequence[GroupFit]) -> dict[str, object]:
    """The contract's ``titerline.fit/1``; ``outliers`` of a group is null where it was not asked for."""
    return {"schema": FIT_SCHEMA, "fits": [_group_document(group) for group in groups]}


def _group_document(group: GroupFit) -> dict[str, object]:
    outliers = None if group.outliers is None else asdict(group.outliers)
    return {**asdict(group.fit), "outliers": outliers}


def fit_text(groups: Sequence[GroupFit]) -> str:
    """The same for people."""
    return "\n\n".join("\n".join([*_lines(group.fit), *_outlier_lines(group)]) for group in groups)


def _outlier_lines(group: GroupFit) -> Iterator[str]:
    return iter(()) if group.outliers is None else outlier_lines(group.outliers)


def _lines(fit: TableFit) -> list[str]:
    head = f"{fit.group + ': ' if fit.group else ''}{fit.model}, weights {fit.weights}, {fit.n} points"
    sd = f", residual SD {fit.residual_sd:.4g}" if fit.residual_sd is not None else ""
    lines = [f"{head}, {fit.residual_df} residual degrees of freedom{sd}"]
    lines += [_parameter_line(name, value) for name, value in fit.parameters.items()]
    if fit.lack_of_fit is not None:
        test = fit.lack_of_fit
        lines.append(f"  lack of fit: F = {test.f:.3f} on {test.df[0]} and {test.df[1]} df, p = {test.p:.3g}")
    for row in fit.predictions:
        at = f"line {row.line}, " if row.line is not None else ""
        lines.append(f"  {at}y = {row.y:g}: {_read_off(row, fit.level)}")
    marks = [f"  ! {warning}" for warning in fit.warnings]
    return [*marks, *lines] if fit.state != "ok" else [*lines, *marks]


def _read_off(row: Prediction, level: float) -> str:
    if row.state == "no_curve":
        return "not read off: there is no curve"
    if row.x is None:
        return f"{row.state} the curve"
    beyond = "" if row.state == "ok" else f", {row.state} the standards: extrapolated"
    return f"x = {row.x:.6g} ({100 * level:g} % {_ends(row.ci95)}){beyond}"


def _parameter_line(name: str, found: ParameterEstimate) -> str:
    se = f"SE {found.se:.4g}" if found.se is not None else "held" if found.held else "without SE"
    profile = f", profile {_ends(found.profile_ci95)}" if found.se is not None else ""
    wald = f", 95 % {_ends(found.ci95)}" if found.se is not None else ""
    return f"  {name:<10} {found.value:.6g}  {se}{wald}{profile}"


def _ends(ends: tuple[float | None, float | None]) -> str:
    low, high = (f"{end:.5g}" if end is not None else "open" for end in ends)
    return f"{low} to {high}"
