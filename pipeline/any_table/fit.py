"""``titerline fit``: any table of concentrations and responses -> curves, as JSON or as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from pipeline.compute.curve.table_fit import TABLE_MODELS, ParameterEstimate, TableFit, fit_table
from pipeline.domain.assay import WEIGHTS
from pipeline.errors import DefinitionError, InputError, nearest
from pipeline.tables.columns import TableRow, read_columns

FIT_SCHEMA = "titerline.fit/1"


@dataclass(frozen=True, slots=True)
class FitRequest:
    """What to fit: names of columns, model, weights, responses to read off."""

    x: str
    y: str
    group: str | None
    model: str
    weights: str
    predict: tuple[float, ...] = ()


def fit_file(data: bytes, name: str, request: FitRequest) -> list[TableFit]:
    """Fit every group of a table (CSV, text or workbook), in the order in which the groups appear.

    Raises:
        DefinitionError: for a model or weights that do not exist.
        InputError: for a column that is not there, or a cell that is no number.
    """
    _check(request)
    rows = read_columns(data, name, [request.x, request.y], [request.group] if request.group else [])
    points = [_point(row, name) for row in rows]
    groups: dict[str | None, list[tuple[float, float]]] = {}
    for group, x, y in points:
        groups.setdefault(group, []).append((x, y))
    return [_fitted(group, members, request) for group, members in groups.items()]


def _fitted(group: str | None, members: Sequence[tuple[float, float]], request: FitRequest) -> TableFit:
    x, y = (np.array(values) for values in zip(*members, strict=True))
    if not (x > 0).any():
        return TableFit(
            group, request.model, request.weights, len(x), 0, warnings=("no fit: no x above zero",)
        )
    return fit_table(x, y, request.model, request.weights, request.predict, group)


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


def _point(row: TableRow, name: str) -> tuple[str | None, float, float]:
    x, y = row.numbers
    if x < 0:
        raise InputError(
            "CONCENTRATION_NEGATIVE",
            "a concentration is below zero",
            file=name,
            place=f"line {row.line}",
            found=f"{x:g}",
            expected="zero or more",
        )
    return (row.texts[0] if row.texts else None), x, y


def fit_document(fits: Sequence[TableFit]) -> dict[str, object]:
    """The contract's ``titerline.fit/1``."""
    return {"schema": FIT_SCHEMA, "fits": [asdict(fit) for fit in fits]}


def fit_text(fits: Sequence[TableFit]) -> str:
    """The same for people."""
    return "\n\n".join(_text(fit) for fit in fits)


def _text(fit: TableFit) -> str:
    head = f"{fit.group + ': ' if fit.group else ''}{fit.model}, weights {fit.weights}, {fit.n} points"
    sd = f", residual SD {fit.residual_sd:.4g}" if fit.residual_sd is not None else ""
    lines = [f"{head}, {fit.residual_df} residual degrees of freedom{sd}"]
    lines += [_parameter_line(name, value) for name, value in fit.parameters.items()]
    if fit.lack_of_fit is not None:
        test = fit.lack_of_fit
        lines.append(f"  lack of fit: F = {test.f:.3f} on {test.df[0]} and {test.df[1]} df, p = {test.p:.3g}")
    for row in fit.predictions:
        where = f"{row.x:.6g} ({_ends(row.ci95)})" if row.x is not None else f"{row.state} the curve"
        lines.append(f"  y = {row.y:g}: x = {where}")
    return "\n".join([*lines, *(f"  ! {warning}" for warning in fit.warnings)])


def _parameter_line(name: str, found: ParameterEstimate) -> str:
    se = f"SE {found.se:.4g}" if found.se is not None else "held"
    profile = f", profile {_ends(found.profile_ci95)}" if found.se is not None else ""
    wald = f", 95 % {_ends(found.ci95)}" if found.se is not None else ""
    return f"  {name:<10} {found.value:.6g}  {se}{wald}{profile}"


def _ends(ends: tuple[float | None, float | None]) -> str:
    low, high = (f"{end:.5g}" if end is not None else "open" for end in ends)
    return f"{low} to {high}"
