"""Detection limits from data that are too few, equal or impossible."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.compute.statistics.detection import (
    DetectionLimit,
    Method,
    bias_corrected_factor,
    largest,
    limit_of_blank,
    limit_of_detection,
    limit_of_quantitation,
    lots,
    total_error_percent,
)
from pipeline.compute.statistics.inference import Array


def blank(values: Array, method: Method, samples: int = 1) -> DetectionLimit:
    """At 5 % false positives."""
    names = [f"B{k % samples}" for k in range(len(values))]
    return limit_of_blank(values, names, false_positive=0.05, method=method)


LOB = DetectionLimit(10.0, Method.RANK, 60, 5)


def test_the_rank_needs_enough_blanks() -> None:
    """Rank 0.5 + 0.95 n lies within n results from n = 10 on."""
    assert blank(np.arange(9.0), Method.RANK).value is None
    assert blank(np.arange(9.0), Method.RANK).reason == "9 blanks are too few for this rank"
    assert blank(np.arange(10.0), Method.RANK).value == pytest.approx(9.0)
    assert blank(np.arange(60.0), Method.RANK).value == pytest.approx(56.5)


def test_the_parametric_limit_needs_replicates() -> None:
    """One result of each blank leaves no degrees of freedom."""
    found = blank(np.arange(4.0), Method.PARAMETRIC, samples=4)
    assert (found.value, found.reason) == (None, "no replicate of any blank")
    assert blank(np.array([]), Method.PARAMETRIC).value is None
    assert blank(np.array([np.nan, 1.0]), Method.PARAMETRIC).reason == "a value is missing or infinite"
    assert bias_corrected_factor(0.95, 5, 5) is None


def test_equal_and_negative_blanks() -> None:
    """No scatter: the limit is the blank itself. Results below zero are results."""
    assert blank(np.full(12, 0.1), Method.PARAMETRIC).value == pytest.approx(0.1)
    assert blank(np.full(12, 0.1), Method.RANK).value == 0.1
    found = blank(np.linspace(-3.0, -1.0, 20), Method.PARAMETRIC).value
    assert found is not None
    assert -2.0 < found < 0.0


def test_no_limit_of_detection_without_a_limit_of_blank() -> None:
    """The reason is passed on."""
    none = DetectionLimit(None, Method.RANK, 3, 1, "too few")
    found = limit_of_detection(
        none, np.arange(4.0), ["L1"] * 4, false_negative=0.05, method=Method.PARAMETRIC
    )
    assert (found.value, found.reason) == (None, "there is no limit of blank")
    alone = limit_of_detection(
        LOB, np.array([11.0, 12.0]), ["a", "b"], false_negative=0.05, method=Method.PARAMETRIC
    )
    assert alone.reason == "no replicate of any low sample"


def test_by_rank_every_higher_sample_must_be_detected_too() -> None:
    """A lucky low sample below one that fails does not count."""
    values = np.array([12.0, 12.0, 9.0, 15.0, 20.0, 21.0])
    names = ["low", "low", "middle", "middle", "high", "high"]
    found = limit_of_detection(LOB, values, names, false_negative=0.05, method=Method.RANK)
    assert found.value == pytest.approx(20.5)
    found = limit_of_detection(LOB, values - 12, names, false_negative=0.05, method=Method.RANK)
    assert found.value is None
    assert found.reason is not None


def test_limit_of_quantitation() -> None:
    """The lowest level from which on all levels meet the goal."""
    level, cv = np.array([100.0, 5.0, 10.0, 50.0]), np.array([5.0, 18.0, 22.0, 12.0])
    assert limit_of_quantitation(level, cv, goal_percent=20.0).value == 50.0
    assert limit_of_quantitation(level, cv, goal_percent=25.0).value == 5.0
    assert limit_of_quantitation(level, cv, goal_percent=25.0, detection=LOB).value == 10.0
    none = limit_of_quantitation(level, cv, goal_percent=1.0)
    assert (none.value, none.reason) == (None, "the error of the highest level misses the goal")


def test_no_limit_of_quantitation_has_a_reason() -> None:
    """No level, a missing error, no limit of detection."""
    empty = np.array([])
    assert limit_of_quantitation(empty, empty, goal_percent=20.0).reason == "no level"
    one = np.array([1.0])
    assert limit_of_quantitation(one, np.array([np.nan]), goal_percent=20.0).value is None
    no_lod = DetectionLimit(None, Method.RANK, 3, 1, "too few")
    assert limit_of_quantitation(one, one, goal_percent=20.0, detection=no_lod).value is None
    twice = limit_of_quantitation(np.array([1.0, 1.0]), np.array([30.0, 10.0]), goal_percent=20.0)
    assert twice.value is None


def test_total_error() -> None:
    """Bias and scatter add up; one result or no true value has none."""
    assert total_error_percent(np.array([11.0, 13.0]), 10.0, 1.0) == pytest.approx(20 + 10 * 2**0.5)
    assert total_error_percent(np.array([10.0, 10.0]), 10.0, 2.0) == 0.0
    assert total_error_percent(np.array([10.0]), 10.0, 1.0) is None
    assert total_error_percent(np.array([10.0, 11.0]), 0.0, 1.0) is None


def test_lots_alone_or_pooled() -> None:
    """Up to three lots each have their limits; four are pooled."""
    assert set(lots(["1", "2", "1"], alone_up_to=3)) == {"1", "2"}
    assert lots(["1", "2", "1"], alone_up_to=3)["1"].tolist() == [True, False, True]
    pooled = lots(["1", "2", "3", "4"], alone_up_to=3)
    assert list(pooled) == ["all lots"]
    assert pooled["all lots"].all()


def test_the_largest_limit_is_reported() -> None:
    """Unless a lot has none: then nothing is, with that lot's reason."""
    zero, high = (DetectionLimit(v, Method.RANK, 60, 5) for v in (0.0, 2.0))
    none = DetectionLimit(None, Method.RANK, 3, 1, "too few")
    below = DetectionLimit(-1.0, Method.RANK, 60, 5)
    assert largest([zero, high]).value == 2.0
    assert largest([below, zero]).value == 0.0
    assert largest([zero, none]).reason == "too few"
    with pytest.raises(ValueError, match="no limit"):
        largest([])


def test_labels_belong_to_results() -> None:
    """A missing label is a fault, not a shorter evaluation."""
    with pytest.raises(ValueError, match="labels"):
        limit_of_blank(np.arange(3.0), ["B1"], false_positive=0.05, method=Method.RANK)
