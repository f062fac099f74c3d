"""Settings of a workspace: strict, from file and environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import DefinitionError
from pipeline.workspace.settings import Settings, load_settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the settings stand."""
    return tmp_path / "titerline.toml"


def test_absent_file_gives_the_defaults(file: Path) -> None:
    """A workspace works without any setting."""
    assert load_settings(file, {}) == Settings()
    assert Settings().settle_seconds == 2.0


def test_environment_wins_over_the_file(file: Path) -> None:
    """A service can be set up without editing the lab's file."""
    file.write_text("settle_seconds = 5\noperator = 'A. Muster'\n", encoding="utf-8")
    settings = load_settings(file, {"TITERLINE_SETTLE_SECONDS": "7.5", "PATH": "x"})
    assert settings.settle_seconds == 7.5
    assert settings.operator == "A. Muster"


def test_misspelt_key_names_the_nearest(file: Path) -> None:
    """A typing mistake is an error with the likely key, never a silent default."""
    file.write_text("settle_second = 5\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match="nearest: 'settle_seconds'") as caught:
        load_settings(file, {})
    assert caught.value.code == "KEY_UNKNOWN"
    assert "settle_second" in (caught.value.place or "")


def test_misspelt_variable_is_an_error_too(file: Path) -> None:
    """The same holds for the environment."""
    with pytest.raises(DefinitionError, match="TITERLINE_SETLE_SECONDS"):
        load_settings(file, {"TITERLINE_SETLE_SECONDS": "5"})


@pytest.mark.parametrize(
    "text", ["settle_seconds = -1", "settle_seconds = nan", "prefect = 'maybe'", "patience_minutes = 'long'"]
)
def test_impossible_values_are_refused(file: Path, text: str) -> None:
    """A value outside its range is named with its key and what was found."""
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_settings(file, {})
    assert caught.value.code == "VALUE"
    assert text.split(" = ", maxsplit=1)[0] in (caught.value.place or "")


@pytest.mark.parametrize(("data", "code"), [(b"a = = 1", "TOML"), (b"\xff\xfe", "ENCODING")])
def test_unreadable_file_is_told(file: Path, data: bytes, code: str) -> None:
    """Broken TOML is named as such."""
    file.write_bytes(data)
    with pytest.raises(DefinitionError) as caught:
        load_settings(file, {})
    assert caught.value.code == code


def test_settings_cannot_be_changed_later() -> None:
    """What was read at the start holds until the stop."""
    with pytest.raises(ValueError, match="frozen"):
        Settings().settle_seconds = 1.0  # type: ignore[misc]
