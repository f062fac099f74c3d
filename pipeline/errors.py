"""What can go wrong that is not a bug: their file, or their definition.

An error here is written for the person who has to act on it. It says where, what was found, what was
expected and what to do. A fault of the program is never one of these.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Self

DONE, FAULT, BAD_INPUT, REJECTED = 0, 1, 2, 3
"""Exit codes: done; a fault of the program; input or definition at fault; a run was rejected by QC."""


class TiterlineError(Exception):
    """Something a user can put right.

    ``code`` is stable and language-neutral (``FILE_EMPTY``); the other parts are plain words.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        file: str | None = None,
        place: str | None = None,
        found: str | None = None,
        expected: str | None = None,
        action: str | None = None,
    ) -> None:
        """Keep the parts apart, so that a message, WHY.txt and JSON can each show them."""
        self.code = code
        self.message = message
        self.file = file
        self.place = place
        self.found = found
        self.expected = expected
        self.action = action
        self.others: tuple[TiterlineError, ...] = ()
        super().__init__(self.text())

    @classmethod
    def unreadable(
        cls,
        file: str,
        error: OSError,
        action: str = "Check the path, and that the file is not open elsewhere.",
    ) -> Self:
        """FILE_UNREADABLE: what the system said of a file that cannot be read."""
        message = f"the file cannot be read: {error.strerror}"
        return cls("FILE_UNREADABLE", message, file=file, action=action)

    def text(self) -> str:
        """One line: file, place, what happened, found, expected, what to do, code."""
        where = ", ".join(part for part in (self.file, self.place) if part)
        parts = [f"{where}: {self.message}" if where else self.message]
        if self.found is not None:
            parts.append(f"Found: {self.found}.")
        if self.expected is not None:
            parts.append(f"Expected: {self.expected}.")
        if self.action is not None:
            parts.append(self.action)
        return " ".join(parts) + f" [{self.code}]"

    @property
    def together(self) -> tuple[TiterlineError, ...]:
        """This error and those that were found beside it, in the order of the file."""
        return (self, *self.others)

    def in_file(self, file: str) -> TiterlineError:
        """Return the same error, naming ``file`` when no file was named yet."""
        return self if self.file is not None else self._with(file=file)

    def at(self, place: str) -> TiterlineError:
        """Return the same error, naming ``place`` when no place was named yet."""
        return self if self.place is not None else self._with(place=place)

    @classmethod
    def of(cls, error: TiterlineError) -> Self:
        """The same error as one of this kind."""
        parts = ("file", "place", "found", "expected", "action")
        made = cls(error.code, error.message, **{part: getattr(error, part) for part in parts})
        made.others = error.others
        return made

    def _with(self, *, file: str | None = None, place: str | None = None) -> TiterlineError:
        made = type(self)(
            self.code,
            self.message,
            file=self.file or file,
            place=self.place or place,
            found=self.found,
            expected=self.expected,
            action=self.action,
        )
        made.others = tuple(other if file is None else other.in_file(file) for other in self.others)
        return made


def raise_all(errors: Sequence[TiterlineError]) -> None:
    """Raise the first of several errors, the others beside it; nothing where there are none.

    Raises:
        TiterlineError: the first.
    """
    if errors:
        first, *others = errors
        first.others = tuple(others)
        raise first


class InputError(TiterlineError):
    """An export or a sample sheet that cannot be used as it is."""


class SheetError(InputError):
    """A sample sheet that cannot be used as it is; its export waits for the corrected one."""


class DefinitionError(TiterlineError):
    """An assay, a layout or a setting that is wrong."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``; nearest: 'x'`` for the known word most like ``word``, or an empty string."""
    found = nearest_word(word, known)
    return f"; nearest: '{found}'" if found is not None else ""


def nearest_word(word: str, known: Iterable[str]) -> str | None:
    """The known word most like ``word``; None where none is like it."""
    matches = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    return matches[0] if matches else None


class LedgerError(OSError):
    """The ledger cannot be read or written; it may heal (disk full, locked, server away)."""
