"""``titerline fit``: any table of concentrations and responses -> curves, as JSON or as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from pipeline.compute.table_fit import TABLE_MODELS, ParameterEstimate, TableFit, fit_table
from pipeline.domain.assay import WEIGHTS
from pipeline.errors import DefinitionError, InputError, nearest
from pipeline.tables.cells import table_rows
from pipeline.tables.numbers import DecimalSign, decimal_sign, parse_number

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
    try:
        rows = [row for row in table_rows(data, name) if any(cell.strip() for cell in row)]
        columns = _columns(rows, request)
        sign = decimal_sign(row[at].strip() for row in rows[1:] for at in columns[:2] if at < len(row))
        points = [_point(number, row, columns, sign) for number, row in enumerate(rows[1:], start=2)]
    except InputError as error:
        raise error.in_file(name) from error
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


def _columns(rows: Sequence[Sequence[str]], request: FitRequest) -> tuple[int, ...]:
    header = [cell.strip() for cell in rows[0]] if rows else []
    wanted = [request.x, request.y, *([request.group] if request.group else [])]
    for name in wanted:
        if name not in header:
            raise InputError(
                "COLUMN_UNKNOWN",
                f"the table has no column '{name}'",
                place="line 1",
                found=", ".join(header) + nearest(name, header),
                expected=f"a column '{name}'",
            )
    return tuple(header.index(name) for name in wanted)


def _point(
    number: int, row: Sequence[str], columns: tuple[int, ...], sign: DecimalSign
) -> tuple[str | None, float, float]:
    values = []
    for at in columns[:2]:
        text = row[at].strip() if at < len(row) else ""
        value = parse_number(text, sign)
        if value is None:
            raise InputError(
                "NOT_A_NUMBER",
                "this cell holds no number",
                place=f"line {number}, column {at + 1}",
                found=f"'{text[:40]}'",
                expected="a number such as 1.234",
            )
        values.append(value)
    if values[0] < 0:
        raise InputError(
            "CONCENTRATION_NEGATIVE",
            "a concentration is below zero",
            place=f"line {number}",
            found=f"{values[0]:g}",
            expected="zero or more",
        )
    group = row[columns[2]].strip() if len(columns) > 2 and columns[2] < len(row) else None  # noqa: PLR2004
    return group, values[0], values[1]


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
