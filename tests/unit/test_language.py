"""The catalogue of a language: texts found with and without places, marks of foreign text, nothing stale."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.domain.limits import LIMIT_KINDS
from pipeline.domain.message import PLACE, Message, joined
from pipeline.report.language import ENGLISH, Given, Language, Subject, Unit, listed, pieces
from pipeline.report.language.catalogue import ALONE, catalogue
from pipeline.report.words.tones import MODELS, RUN_VERDICTS, VERDICTS
from qc.rule import all_rules


@pytest.fixture
def german() -> Language:
    """German with an empty memory."""
    return Language("de", ",")


def test_words_of_the_program_are_known(german: Language) -> None:
    """Classes, reasons, sentences, steps, rule titles and units, also those that no sample case has."""
    words = [word.text for known in (VERDICTS, RUN_VERDICTS) for word in known.values()]
    words += [*MODELS.values(), *(rule.title for rule in all_rules())]
    for text in words:
        german.say(text)
    assert german.missing == set()
    counted = {kind.unit for kind in LIMIT_KINDS.values() if len(kind.unit) > 2}
    assert counted <= set(catalogue("de").room("units").exact)


def _trees(root: Path) -> Iterator[tuple[Path, ast.AST]]:
    for folder in ("pipeline", "qc"):
        for file in sorted((root / folder).rglob("*.py")):
            yield file, ast.parse(file.read_text(encoding="utf-8"))


def test_every_template_of_a_message_is_known(root: Path) -> None:
    """What the program may say is in the catalogue, also where no sample case makes it say so."""
    known = {**catalogue("de").exact, **catalogue("de").room("subjects").exact}
    for file, tree in _trees(root):
        for text in _templates(tree):
            assert text in known or not re.search(r"[^\W\d_]", PLACE.sub("", text)), (file.name, text)


def _templates(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message":
            yield from (one.value for one in node.args[:1] if isinstance(one, ast.Constant))


COUNTED = frozenset(f"{{n:n}} {noun}s" for noun in ("check", "plate", "rule", "sample", "warning", "well"))
"""Made by one function, for one and for many."""


def test_no_template_is_stale(root: Path) -> None:
    """Each template of the catalogue stands in the program or in a page, letter by letter."""
    texts = {
        node.value
        for _, tree in _trees(root)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    pages = "".join(file.read_text(encoding="utf-8") for file in (root / "pipeline").rglob("*.j2"))
    made = {one.english for room in catalogue("de").rooms.values() for one in room if one.kinds}
    assert {one for one in made - texts - COUNTED if one not in pages} == set()


def test_no_text_is_stale(root: Path) -> None:
    """Each English text of the catalogue is still made of words that the program has, side by side."""
    files = [
        *(root / "pipeline").rglob("*.py"),
        *(root / "qc").rglob("*.py"),
        *(root / "pipeline").rglob("*.j2"),
    ]
    source = " ".join(file.read_text(encoding="utf-8") for file in files)
    source = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), source)
    pairs = set(_pairs(re.sub(r'"\s*\n\s*f?"', "", source)))
    templates = [one for room in catalogue("de").rooms.values() for one in room]
    assert [one.english for one in templates if not _mostly(one.literals, pairs)] == []


def _pairs(text: str) -> list[tuple[str, str]]:
    words = re.findall(r"[^\W\d_]+", text)
    return list(pairwise(["", *words]))


def _mostly(literals: tuple[str, ...], known: set[tuple[str, str]]) -> bool:
    """Texts are put together of parts, so that a pair at a joint may be new."""
    pairs = [pair for literal in literals for pair in _pairs(literal) if pair[0]]
    return sum(pair in known for pair in pairs) * 2 >= len(pairs)


def test_given_text_is_never_said(german: Language) -> None:
    """The mark holds inside composed texts, and what was said once is not said again."""
    assert german.say(Given("Negative")) == "Negative"
    assert german.say(pieces(Given("Negative"), ": ", "Negative")) == "Negative: Negativ"
    assert german.say(listed("; ", ["1.5", Given("1.5")])) == "1,5; 1.5"
    assert german.say(german.say("Control")) == "Kontrolle"
    assert not german.missing


def test_subjects_and_units(german: Language) -> None:
    """A subject or a unit is looked up in its own room alone; what is not there is the lab's."""
    assert german.say(Subject("control PC1")) == "Kontrolle PC1"
    assert german.say(Subject("Negative")) == "Negative"
    assert german.say(Unit("levels")) == "Stufen"
    assert german.say(Unit("ng/mL")) == "ng/mL"
    assert not german.missing


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("0.05", "0,05"),
        ("\u2716 0.123", "\u2716 0,123"),
        ("12\u202f345.6", "12\u202f345,6"),
        ("3.3e\u221208", "3,3e\u221208"),
        ("1:2.5, 1:7.5", "1:2,5, 1:7,5"),
        ("1.0.0", "1.0.0"),
        ("17.02.2026", "17.02.2026"),
        ("2026-02-17", "2026-02-17"),
    ],
)
def test_decimal_sign(german: Language, english: str, expected: str) -> None:
    """Numbers get the comma; versions and dates are no numbers."""
    assert german.say(english) == expected


def test_sentences_without_their_template_are_matched(german: Language) -> None:
    """Records of older versions, and the ledger's list of runs, hold finished sentences."""
    assert german.say("not read; unreadable") == "nicht gemessen; nicht lesbar"
    copied = german.say("A1 = B1 of plate 2 B, A2 = B2 of plate 2 B and 3 more; chance at most 0.001")
    assert copied.startswith("A1 = B1 der Platte 2 B, A2 = B2 der Platte 2 B und 3 weitere; Wahrsch")
    said = german.say("Repeat the sample, start at 1:27\u202f000.")
    assert said == "Probe wiederholen, Beginn bei 1:27\u202f000."
    assert german.matched
    assert not german.missing


def test_unknown_text_stays_and_is_remembered(german: Language) -> None:
    """A text that the catalogue lacks is shown in English, never lost."""
    assert german.say("An entirely new sentence.") == "An entirely new sentence."
    assert german.missing == {"An entirely new sentence."}
    assert german.say("x" * 5000) == "x" * 5000


def test_templates_are_pairs() -> None:
    """Each German text has the places of the English one, and no English text is there twice."""
    for name, room in catalogue("de").rooms.items():
        for one in room:
            places = set(re.findall(r"\{(\w+)", one.other))
            assert places == set(one.kinds), (name, one.english)
    together = [
        one.english for name, room in catalogue("de").rooms.items() for one in room if name not in ALONE
    ]
    assert sorted({text for text in together if together.count(text) > 1}) == []


def test_english_says_what_it_is_told() -> None:
    """English with a point looks nothing up: the text that goes in comes out."""
    text = "An entirely new sentence, 1.5"
    assert ENGLISH.say(text) is text
    assert not ENGLISH.missing
    assert ENGLISH.put("Page {page:n} of {pages:n}", page="1", pages="2") == "Page 1 of 2"


def test_messages_are_said_by_their_template(german: Language) -> None:
    """A message needs no sentence to be matched: names that look like our words stay as they are."""
    level = Message("level {level} was left out: {why:t}", level="1, was 2.5", why=Message("no usable well"))
    assert german.say(level) == "Stufe 1, was 2.5 wurde ausgeschlossen: keine verwendbare Vertiefung"
    assert german.say(Subject(Message("control {name}", name="rows at 1:2.5"))) == "Kontrolle rows at 1:2.5"
    both = joined("; ", [Message("no usable well"), Message("mean OD {od:n}", od="0.512"), Given("Negative")])
    assert both == "no usable well; mean OD 0.512; Negative"
    assert german.say(both) == "keine verwendbare Vertiefung; mittlere OD 0,512; Negative"
    assert not german.missing
