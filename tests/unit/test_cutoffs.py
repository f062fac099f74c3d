"""The cut-off of a dilution that follows the plate's negative controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import qc
from pipeline.compute.statistics.cutpoints import frey_factor
from pipeline.domain.assay import Negatives
from pipeline.domain.findings import Verdict
from pipeline.domain.layout import WellUse
from pipeline.domain.wells import Well

NET = {"NC": 0.10, "PC1": 0.15}
"""Net OD of two negative controls, which stand on the plate at 1:1000."""
LIMIT_OD = 0.125 + 7.733 * 0.05 / 2**0.5
"""Mean + f SD with f = t(0.95, 1) sqrt(3/2)."""


def raised(well: Well, use: WellUse, od: float) -> float:
    """Negative controls with a background of their own."""
    del well
    return 0.07 + (NET[use.name] if use.antigen == "MAG" else 0.0) if use.name in NET else od


@pytest.fixture
def following(plates: Any) -> Callable[..., Any]:
    """The flagship with two negative controls, whose cut-off follows them."""

    def make(fewest: int = 2) -> Any:
        assay = plates.definition.assay
        second = assay.controls["PC1"].model_copy(update={"kind": "negative"})
        controls = {**assay.controls, "PC1": second}
        negatives = Negatives(confidence=0.95, fewest=fewest, source="test")
        cutoff = assay.cutoff.model_copy(update={"negatives": negatives})
        changed = assay.model_copy(update={"controls": controls, "cutoff": cutoff})
        return replace(plates, definition=replace(plates.definition, assay=changed))

    return make


def test_negative_controls_raise_the_cut_off(following: Any, plates: Any, serum: Any) -> None:
    """To mean + f SD of their net ODs (Frey 1998), there and at dilutions without negatives."""
    plain = plates.analyse({"S1": serum(titer=20_000)}).samples[0].dilutions
    result = following().analyse({"S1": serum(titer=20_000)}, raised)
    (limit,) = result.negative_limits
    assert (limit.dilution, limit.n, limit.reason) == (1000, 2, None)
    assert limit.limit_od == pytest.approx(LIMIT_OD, abs=1e-4)
    assert limit.factor == frey_factor(0.95, 2)
    assert [d.cutoff_od for d in result.samples[0].dilutions] == [limit.limit_od] * 4
    assert all(d.cutoff_od < LIMIT_OD for d in plain)


def test_a_weak_serum_is_judged_by_the_raised_cut_off(following: Any, plates: Any, serum: Any) -> None:
    """A signal that negatives reach as well is not called positive."""
    weak = {"S1": serum(titer=1600)}
    assert plates.analyse(weak).samples[0].dilutions[0].positive
    assert not following().analyse(weak, raised).samples[0].dilutions[0].positive


def test_less_dilution_than_the_negatives_keeps_the_other_cut_offs(following: Any, serum: Any) -> None:
    """Their background says nothing about a more concentrated serum."""
    result = following().analyse({"S1": serum(titer=20_000)}, raised, prior_dilution=0.5)
    first, second, *_ = result.samples[0].dilutions
    assert first.cutoff_od < LIMIT_OD - 0.01
    assert second.cutoff_od == result.negative_limits[0].limit_od


def test_too_few_negative_controls_are_said(following: Any, serum: Any) -> None:
    """They give no limit, with the reason; CTL-04 warns and the other cut-offs hold."""
    maker = following(fewest=3)
    result = maker.analyse({"S1": serum(titer=20_000)}, raised)
    assert {limit.limit_od for limit in result.negative_limits} == {None}
    assert "at least 3" in result.negative_limits[0].reason
    (finding,) = [f for f in qc.evaluate(result, maker.definition.assay) if f.rule == "CTL-04"]
    assert finding.verdict is Verdict.WARN
    assert "at least 3" in finding.message
    enough = following()
    judged = qc.evaluate(enough.analyse({"S1": serum(titer=20_000)}, raised), enough.definition.assay)
    assert [f.verdict for f in judged if f.rule == "CTL-04"] == [Verdict.PASS]


def test_without_the_setting_nothing_follows_the_negatives(plates: Any, serum: Any) -> None:
    """The shipped assays have one negative control and a fixed floor."""
    result = plates.analyse({"S1": serum(titer=20_000)})
    assert result.negative_limits == ()
    findings = qc.evaluate(result, plates.definition.assay)
    assert [f.verdict for f in findings if f.rule == "CTL-04"] == [Verdict.NOT_EVALUATED]
