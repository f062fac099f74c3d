"""When a file is complete: equal size, mtime and content over two looks a settle time apart.

A size alone proves nothing: copies preallocate, Windows lists stale sizes, readers append well by well.
Waiting is measured on a monotonic clock; a file's own time is only ever compared with itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.jobs.produce import FirstLook
from pipeline.record.job import Job
from pipeline.workspace import files

_NOTHING = files.Fingerprint(0, 0, "")


@dataclass(slots=True)
class Track:
    """What is known about a file since its content last changed."""

    print: files.Fingerprint
    since: float
    """When this content was first seen, in seconds of the monotonic clock."""
    complete: bool = False
    locked: bool = False
    """Does another program hold it? Then nothing else is known."""
    looked: tuple[object, FirstLook] | None = None
    """What the export shows without a sample sheet, and by which assay it was looked at."""
    blank: bool | None = None
    """Is it a sample sheet that nobody has filled in? None when not tried yet."""
    alone: str | None = None
    """What a sample sheet without an export waits for."""
    memo: tuple[object, Job] | None = None
    """The job made of it, and what it was made from."""


@dataclass(slots=True)
class Tracker:
    """Remembers files from look to look."""

    settle_seconds: float
    clock: Callable[[], float]
    _tracks: dict[Path, Track] = field(default_factory=dict)

    def look(self, path: Path) -> Track:
        """Look at a file once more.

        Raises:
            FileNotFoundError: it is gone.
        """
        now = self.clock()
        try:
            return self._look(path, now)
        except FileNotFoundError:
            raise
        except OSError:
            self.forget(path)
            return Track(_NOTHING, now, locked=True)

    def forget(self, path: Path) -> None:
        """Begin anew with a file at the next look."""
        self._tracks.pop(path, None)

    def keep_only(self, paths: Iterable[Path]) -> None:
        """Forget files that are no longer there."""
        there = set(paths)
        self._tracks = {path: track for path, track in self._tracks.items() if path in there}

    def _look(self, path: Path, now: float) -> Track:
        track = self._tracks.get(path)
        if track is None or files.size_and_time(path) != (track.print.size, track.print.mtime_ns):
            return self._begin(path, files.fingerprint(path), now)
        if not track.complete and now - track.since >= self.settle_seconds:
            again = files.fingerprint(path)
            if again != track.print:
                return self._begin(path, again, now)
            track.complete = True
        return track

    def _begin(self, path: Path, seen: files.Fingerprint, now: float) -> Track:
        # ``now`` was taken before the content was read, so a change after that starts a new wait.
        self._tracks[path] = Track(seen, now)
        return self._tracks[path]
