"""How the reports look: labels that do not collide, colours that everyone can tell and read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from contrast import contrast
from fontTools.ttLib import TTFont

from pipeline.domain.curve_results import WorkingRange
from pipeline.domain.record import RunRecord
from pipeline.report.drawing.charts import Scenes, curve_scene, scenes_of, series
from pipeline.report.drawing.scene import Scene, SceneLabel
from pipeline.report.words.tones import TONES

Box = tuple[float, float, float, float]

OKABE_ITO = {"#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"}
READABLE = 4.5
"""WCAG 2.2, 1.4.3: contrast of text."""

REPORT = Path(__file__).parents[2] / "pipeline" / "report"


def scenes_in(scenes: Scenes) -> Iterator[Scene]:
    """Every picture of a run."""
    yield from scenes.curves
    yield from (scene for scene in scenes.samples if scene is not None)
    yield from (scenes.legend, scenes.dilutions, scenes.plate)


@pytest.fixture(scope="session")
def pictures(sample_records: dict[str, RunRecord]) -> dict[str, Scene]:
    """Every picture of every sample case."""
    return {
        f"{name}: {scene.description}": scene
        for name, record in sample_records.items()
        for scene in scenes_in(scenes_of(record))
    }


@pytest.fixture(scope="session")
def advances() -> dict[bool, dict[str, float]]:
    """Width of each sign in the typeface of the PDF, in ems: regular and bold."""
    found = {}
    for bold, name in ((False, "DejaVuSans.ttf"), (True, "DejaVuSans-Bold.ttf")):
        with TTFont(REPORT / "pdf" / "fonts" / name) as font:
            ems, unit = font["hmtx"].metrics, font["head"].unitsPerEm
            found[bold] = {chr(code): ems[glyph][0] / unit for code, glyph in font.getBestCmap().items()}
    return found


def place(label: SceneLabel, advances: dict[bool, dict[str, float]]) -> Box:
    """Left, top, right, bottom of the ink of a label."""
    width = label.size * sum(advances[label.bold].get(sign, 0.8) for sign in label.text)
    up, down = 0.76 * label.size, 0.21 * label.size
    if label.turned:
        return label.x - up, label.y - width / 2, label.x + up, label.y + width / 2
    left = label.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[label.anchor] * width
    return left, label.y - up, left + width, label.y + down


def collide(one: Box, other: Box) -> bool:
    """Do two boxes share a place?"""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def grey(colour: str) -> bool:
    """Is it a shade of grey?"""
    return colour[1:3] == colour[3:5] == colour[5:7]


def test_no_label_lies_on_another(pictures: dict[str, Scene], advances: dict[bool, dict[str, float]]) -> None:
    """Every label of every picture of every sample case can be read."""
    assert len(pictures) > 40
    for name, scene in pictures.items():
        boxes = [(place(label, advances), label.text) for label in scene.labels]
        found = [
            (text, other)
            for n, (box, text) in enumerate(boxes)
            for place_, other in boxes[n + 1 :]
            if collide(box, place_)
        ]
        assert not found, name


def test_no_label_leaves_its_picture(
    pictures: dict[str, Scene], advances: dict[bool, dict[str, float]]
) -> None:
    """Nothing is cut at the edge of any picture of any sample case."""
    for name, scene in pictures.items():
        for label in scene.labels:
            left, top, right, bottom = place(label, advances)
            assert left >= 0, (name, label)
            assert top >= 0, (name, label)
            assert right <= scene.width, (name, label)
            assert bottom <= scene.height, (name, label)


def test_dilutions_are_written_as_laboratories_write_them(sample_records: dict[str, RunRecord]) -> None:
    """The axis says 1:1000, not 1000; the OD axis says its wavelengths."""
    record = sample_records["clean_plate, Plate1"]
    for scene in scenes_of(record).samples:
        assert scene is not None
        texts = [label.text for label in scene.labels]
        assert [text for text in texts if text.startswith("1:")] == ["1:1000", "1:3000", "1:9000", "1:27000"]
        assert "Dilution, log scale" in texts
        assert "OD (450 \u2212 620 nm)" in texts


def test_dilutions_of_the_titer_are_shaded(sample_records: dict[str, RunRecord]) -> None:
    """The shaded stretch of a panel holds the points of the used dilutions and no other."""
    for record in sample_records.values():
        for sample, scene in zip(record.samples, scenes_of(record).samples, strict=True):
            if scene is None:
                continue
            over = "above the reader's range"
            circles = [mark for mark in scene.marks if mark.shape == "circle" and over not in mark.title]
            inside = [any(box.x <= mark.x <= box.x + box.width for box in scene.boxes) for mark in circles]
            steps = sorted(sample.dilutions, key=lambda step: step.dilution)
            main = series(record)[0].antigen
            assert inside == [step.used for step in steps if main in step.od]


def test_a_crowded_axis_leaves_labels_out_instead_of_piling_them(
    record: RunRecord, advances: dict[bool, dict[str, float]]
) -> None:
    """Forty calibrators close together: all points are drawn, and the names that have room."""
    first = record.curves[0].calibrators[0]
    levels = tuple(
        replace(first, level=f"Calibrator {n}", nominal=1000.0 * 1.02**n, ods=(1.0,)) for n in range(40)
    )
    crowded = replace(record.curves[0], calibrators=levels, range=WorkingRange(1000.0, 1020.0, "BTU"))
    scene = curve_scene(record, crowded)
    boxes = [place(label, advances) for label in scene.labels]
    assert len(scene.marks) == 40
    assert not any(collide(box, other) for n, box in enumerate(boxes) for other in boxes[n + 1 :])


def test_series_differ_by_shape(record: RunRecord) -> None:
    """A greyscale print still tells the coatings apart."""
    known = series(record)
    assert len({one.shape for one in known}) == len(known) == 3


def test_colours_are_those_that_everyone_can_tell_apart(pictures: dict[str, Scene]) -> None:
    """Marks, lines of series and tones are Okabe-Ito, or grey."""
    used = {tone.colour for tone in TONES}
    used |= {mark.colour for scene in pictures.values() for mark in scene.marks}
    assert {colour for colour in used if not grey(colour)} <= OKABE_ITO


def test_every_tone_is_legible() -> None:
    """Its text on white, on its pale and on the page's background; its ink on its colour."""
    for tone in TONES:
        for ground in ("#FFFFFF", tone.pale, "#F4F6F7"):
            assert contrast(tone.text, ground) >= READABLE, (tone.name, ground)
        assert contrast(tone.ink, tone.colour) >= READABLE, tone.name


def test_every_colour_of_the_page_is_legible() -> None:
    """Text colours of the style sheet on the grounds that it declares for text."""
    css = (REPORT / "page" / "templates" / "report.css").read_text(encoding="utf-8")
    texts = set(re.findall(r"(?<![-\w])color: (#[0-9A-F]{6})", css))
    grounds = set(re.findall(r"background: (#[0-9A-F]{6})", css))
    assert len(texts) >= 3
    assert len(grounds) >= 3
    for text in texts:
        assert all(contrast(text, ground) >= READABLE for ground in grounds), text


def test_every_colour_of_the_pdf_is_legible() -> None:
    """Text colours named in the modules of the PDF on white."""
    code = "".join(path.read_text(encoding="utf-8") for path in (REPORT / "pdf").glob("*.py"))
    texts = set(re.findall(r'(?:colour(?:: str)?|else|HEAD) ?=? "(#[0-9A-F]{6})"', code)) - {"#FFFFFF"}
    assert texts
    assert all(contrast(text, "#FFFFFF") >= READABLE for text in texts), texts


def test_labels_are_legible_on_what_lies_below(
    pictures: dict[str, Scene], advances: dict[bool, dict[str, float]]
) -> None:
    """Each label of each picture on white, or on the box that was painted last below it."""
    for name, scene in pictures.items():
        for label in scene.labels:
            box = place(label, advances)
            below = [
                one.fill
                for one in scene.boxes
                if collide(box, (one.x, one.y, one.x + one.width, one.y + one.height))
            ]
            for ground in below or ["#FFFFFF"]:
                assert contrast(label.colour, ground) >= READABLE, (name, label, ground)


@pytest.mark.parametrize("pair", [("#000000", "#FFFFFF", 21.0), ("#777777", "#FFFFFF", 4.48)])
def test_the_contrast_is_that_of_the_standard(pair: tuple[str, str, float]) -> None:
    """Two pairs whose contrast is known."""
    assert contrast(pair[0], pair[1]) == pytest.approx(pair[2], abs=0.01)
