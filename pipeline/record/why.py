"""``WHY.txt``: why a file was not used, for the person at the bench, in at most 80 plain words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from pipeline.domain.message import Message
from pipeline.domain.record import FailedRun

Say: TypeAlias = Callable[[str], str]
"""Says an English text in the language of the laboratory."""

MAX_WORDS = 80

_MATTERS = {
    "input": "There is no result for this plate yet.",
    "definition": "There is no result yet: the assay's own files need a correction.",
    "program": "There is no result yet. Your file is safe.",
}
_DEFAULT_ACTION = {
    "input": "Export the plate again.",
    "definition": "Ask the person who looks after the assay.",
    "program": "Tell your IT; failure.json has the details.",
}


def why_text(run: FailedRun, say: Say = str) -> str:
    """What happened, where, why it matters, what to do, then, code: always in this order.

    The place names sheet, cell or well. No jargon: a fault of the program is called that, its details are
    in ``failure.json``. A long part is cut, the longest first, and ends with ``...``. ``say`` translates it.
    """
    parts = {key: text.split() for key, text in _parts(run, say).items()}
    while sum(len(words) for words in parts.values()) > MAX_WORDS:
        longest = max(parts, key=lambda key: len(parts[key]))
        parts[longest] = [*parts[longest][:-2], parts[longest][-2].rstrip(".") + "..."]
    return "".join(" ".join(words) + "\n" for words in parts.values() if words)


def what_to_do(run: FailedRun) -> str:
    """The next step in one sentence."""
    if run.sheet and not run.action:
        return "Correct the sample sheet."
    return _DEFAULT_ACTION[run.fault] if run.fault == "program" else run.action or _DEFAULT_ACTION[run.fault]


def what_happened(run: FailedRun, say: Say = str) -> str:
    """What was wrong in one sentence."""
    if run.fault == "program":
        return say("The program made a mistake while it worked on this file.")
    return sentence(say(run.message))


def sentence(text: str) -> str:
    """Begin with a capital and end with a full stop."""
    return _closed(text[:1].upper() + text[1:])


def _closed(text: str) -> str:
    """End with a full stop; what was found in a file keeps its small letters."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _parts(run: FailedRun, say: Say) -> dict[str, str]:
    plain = run.fault != "program"
    return {
        "what": f"{say('What happened:')} {what_happened(run, say)}",
        "found": f"{say('Found:')} {_closed(say(run.found))}" if plain and run.found else "",
        "expected": f"{say('Expected:')} {_closed(say(run.expected))}" if plain and run.expected else "",
        "where": f"{say('Where:')} {_where(run, say)}",
        "matters": f"{say('Why it matters:')} {say(_MATTERS[run.fault])}",
        "do": f"{say('What to do:')} {say(what_to_do(run))}",
        "then": f"{say('Then:')} {say('drop export and sample sheet in the inbox again.')}",
        "code": f"{say('Code:')} {run.code}",
    }


def _where(run: FailedRun, say: Say) -> str:
    places = [
        say(Message("plate {plate}", plate=run.plate)) if run.plate else "",
        say(run.place) if run.place else "",
    ]
    return ", ".join(filter(None, places)) or say("the whole file")
