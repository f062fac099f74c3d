"""Non-specific binding of one serum, for its result: index, course over the dilutions, fraction at each."""

from __future__ import annotations

from pipeline.compute.curve.models import LOWER, UPPER
from pipeline.compute.hnk1.specific_course import Pair, SpecificCourse, SpecificFraction, specific_course
from pipeline.compute.plate.background import Signal, fraction_df
from pipeline.compute.plate.facts import PlateFacts
from pipeline.compute.plate.series import Series
from pipeline.domain.specificity import NonspecificBinding

STRAIGHT_SHARE = 0.3
"""Net signals up to this share of the curve's span fall on a straight line of ln OD on ln dilution; above,
the curve bends. A definition of this project."""


def course_of(series: Series, facts: PlateFacts) -> SpecificCourse | None:
    """Both parts of the signal over the dilutions; None without a curve or without readable pairs."""
    fit = facts.curve.fit
    if fit is None or facts.assay.antigen_negative is None:
        return None
    pairs = [
        Pair(
            step.dilution,
            step.main,
            step.negative,
            fraction_df([(step.main, step.negative)], facts.precision),
        )
        for step in series.steps
        if step.main is not None
        and step.negative is not None
        and not (step.saturated or step.disagree or step.negative_borrowed)
    ]
    if not pairs:
        return None
    zero = Signal(float(fit.theta[LOWER]), float(fit.covariance[LOWER, LOWER]) ** 0.5)
    span = float(fit.theta[UPPER] - fit.theta[LOWER])
    return specific_course(pairs, zero, straight_od=STRAIGHT_SHARE * span, df=facts.well_df)


def binding_of(course: SpecificCourse | None) -> NonspecificBinding | None:
    """The numbers for the record."""
    if course is None:
        return None
    index, specific, other = course.nonspecific_binding_index, course.specific, course.nonspecific
    return NonspecificBinding(
        index.percent, index.ci95, specific.slope, specific.se, other.slope, other.se, index.reason
    )


def fractions_of(course: SpecificCourse | None) -> dict[float, SpecificFraction]:
    """Dilution -> specific fraction there."""
    return {} if course is None else {found.dilution: found for found in course.fractions}
