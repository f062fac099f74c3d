"""Controls over past runs, as the report draws them."""

from __future__ import annotations

from pipeline.domain.history import ControlStanding, RunStanding
from pipeline.report.drawing.standing_chart import HEIGHT, standing_scene


def _control(name: str, *recent: float) -> ControlStanding:
    return ControlStanding(name, None, 20, recent[-1] if recent else None, None, recent=recent)


def test_each_control_with_a_past_has_a_strip() -> None:
    """A control without enough runs takes no room; the finding says why."""
    scene = standing_scene(RunStanding((_control("PC1", 0.5, -0.2), _control("PC2")), 30, "r"))
    assert scene is not None
    assert scene.height == HEIGHT
    assert [label.text for label in scene.labels if label.bold] == ["PC1"]


def test_no_past_is_no_picture() -> None:
    """The first plates of a laboratory show no empty frame."""
    assert standing_scene(None) is None
    assert standing_scene(RunStanding((_control("PC1"),), 3, "r")) is None


def test_far_values_differ_in_shape_and_stay_inside() -> None:
    """Beyond 2 SD a triangle, beyond 3 a diamond; a value 9 SD away stands at the edge with its number."""
    scene = standing_scene(RunStanding((_control("PC1", 0.0, 2.5, -3.5, 9.0),), 30, "r"))
    assert scene is not None
    assert [mark.shape for mark in scene.marks] == ["circle", "triangle", "diamond", "diamond"]
    assert all(0 <= mark.y <= HEIGHT for mark in scene.marks)
    assert "this run: +9.00 SD" in [label.text for label in scene.labels]
