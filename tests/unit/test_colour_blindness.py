"""Colours that mean something, as each colour blindness and a grey printer show them: calculated."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence

import pytest

from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.record import RunRecord
from pipeline.report.drawing.charts import scenes_of
from pipeline.report.drawing.dilution_charts import _STYLES
from pipeline.report.drawing.platemap import HIGH, LOW, shade
from pipeline.report.drawing.scene import INK, Scene
from pipeline.report.words.tones import RUN_VERDICTS, TONES, VERDICTS, class_word
from pipeline.runs.follow_up_chart import _BLUE, _GREEN, _VERMILLION

Three = Sequence[float]

SEEN_AS: Mapping[str, Sequence[Three]] = {
    "everyone": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""Severity 1 on linear RGB: Machado, Oliveira and Fernandes 2009, IEEE Trans Vis Comput Graph 15:1291."""

_TO_XYZ: Sequence[Three] = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
"""Linear RGB to CIE XYZ, white D65 (IEC 61966-2-1)."""

APART = 10.0
"""Smallest CIE 1976 colour difference of two colours that must be told apart; 2.3 is just noticeable."""
STEP_APART = 8.0
"""Smallest difference in CIE lightness between quarters of the heat map, on a grey print."""
READABLE = 4.5
"""WCAG 2.2, 1.4.3: contrast of text."""


def linear(colour: str) -> list[float]:
    """Linear RGB, 0 to 1, of ``#RRGGBB`` (IEC 61966-2-1)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def times(matrix: Sequence[Three], vector: Three) -> list[float]:
    """A matrix times a column."""
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def lab(colour: str, sight: str) -> tuple[float, float, float]:
    """CIE L*, a*, b* (white D65) of a colour as it is seen."""
    seen = [min(max(part, 0.0), 1.0) for part in times(SEEN_AS[sight], linear(colour))]
    white = times(_TO_XYZ, (1.0, 1.0, 1.0))
    x, y, z = (_root(part / whole) for part, whole in zip(times(_TO_XYZ, seen), white, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _root(share: float) -> float:
    bend = 6 / 29
    return math.cbrt(share) if share > bend**3 else share / (3 * bend**2) + 4 / 29


def close(colours: Iterable[str], sight: str) -> list[tuple[str, str]]:
    """Pairs that are nearer than :data:`APART`."""
    pairs = itertools.combinations(dict.fromkeys(colours), 2)
    return [pair for pair in pairs if math.dist(lab(pair[0], sight), lab(pair[1], sight)) < APART]


@pytest.fixture(scope="module")
def pictures(sample_records: dict[str, RunRecord]) -> dict[str, Scene]:
    """The drawings of all sample cases."""
    found: dict[str, Scene] = {}
    for name, record in sample_records.items():
        scenes = scenes_of(record)
        drawn = (*scenes.curves, *scenes.samples)
        found |= {f"{name}, {n}": scene for n, scene in enumerate(drawn) if scene is not None}
    return found


def test_the_calculation_knows_colours() -> None:
    """White stays white, known values of red come out, red and green come near each other for most."""
    for sight in SEEN_AS:
        assert lab("#FFFFFF", sight) == pytest.approx((100, 0, 0), abs=0.01)
    assert lab("#FF0000", "everyone") == pytest.approx((53.24, 80.09, 67.20), abs=0.02)
    assert close(("#AA0000", "#445500"), "everyone") == []
    assert close(("#8F3A00", "#6B4700"), "protanopia") != []


@pytest.mark.parametrize("sight", SEEN_AS)
def test_tones_and_series_are_told_apart_by_everyone(sight: str) -> None:
    """Verdicts, series of a sample's chart, marks of the follow-up: already by colour."""
    for together in ([t.colour for t in TONES], [c for _, c in _STYLES], [_BLUE, _VERMILLION, _GREEN]):
        assert close(together, sight) == []


@pytest.mark.parametrize("sight", SEEN_AS)
def test_marks_of_a_picture_differ_by_colour_or_shape(pictures: dict[str, Scene], sight: str) -> None:
    """In every drawing of every sample case."""
    assert len(pictures) > 40
    for name, scene in pictures.items():
        looks = {(mark.colour, mark.shape) for mark in scene.marks}
        for (one, shape), (other, other_shape) in itertools.combinations(sorted(looks), 2):
            assert shape != other_shape or one == other or not close((one, other), sight), (name, one, other)


def test_pale_grounds_and_inks_never_stand_alone() -> None:
    """They are too near for some, so each word has a symbol of its tone, and no two words are the same."""
    assert any(close([tone.pale for tone in TONES], sight) for sight in SEEN_AS)
    assert len({tone.symbol for tone in TONES}) == len(TONES)
    for words in (map(class_word, SampleClass), RUN_VERDICTS.values(), VERDICTS.values()):
        told = [(word.marked, word.tone.symbol) for word in words]
        assert len({text for text, _ in told}) == len(told)
        assert all(text[0] == symbol for text, symbol in told)


def test_the_heat_map_survives_a_grey_print() -> None:
    """More OD is always darker, quarters are apart in lightness, and text stays legible on every shade."""
    shades = [shade(step / 100, 1.0) for step in range(101)]
    assert (shades[0], shades[-1]) == (LOW, HIGH)
    light = [lab(colour, "everyone")[0] for colour in shades]
    assert light == sorted(light, reverse=True)
    assert all(light[n] - light[n + 25] >= STEP_APART for n in (0, 25, 50, 75))
    assert min(_contrast(INK, colour) for colour in shades) >= READABLE


@pytest.mark.parametrize("sight", SEEN_AS)
def test_the_heat_map_is_read_by_everyone(sight: str) -> None:
    """Its quarters are apart for each colour blindness."""
    assert close([shade(step / 4, 1.0) for step in range(5)], sight) == []


def _contrast(one: str, other: str) -> float:
    weights = (0.2126, 0.7152, 0.0722)
    dark, light = sorted(sum(w * p for w, p in zip(weights, linear(c), strict=True)) for c in (one, other))
    return (light + 0.05) / (dark + 0.05)
