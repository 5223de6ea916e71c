"""The pages keep their word: their code runs, their values are true, their pictures are theirs."""

from pathlib import Path

import pictures
import pytest
import snippets

ROOT = snippets.ROOT
WITH_CODE = [page for page in snippets.pages() if snippets.blocks(page)]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder beside which the examples and the recordings lie."""
    pictures.folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# librosa.load imports audioread, which imports modules that left Python in 3.13.
@pytest.mark.filterwarnings("ignore:'(aifc|audioop|sunau)' is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[pytest.mark.quick] * (page.name == "README.md"), id=name(page))
        for page in WITH_CODE
    ],
)
def test_code_runs_and_values_are_true(page: Path, place: Path) -> None:
    broken = snippets.run(page)
    assert not broken, "\n".join(broken)
    drawn = {path.name for path in place.glob("*.png")}
    drawn |= {command[command.index("-o") + 1] for command in pictures.commands(page)}
    assert pictures.wanted(page) <= drawn, "a picture of the page is not made by its code"


def test_the_commands_of_the_pages_work(place: Path) -> None:
    from typer.testing import CliRunner

    from sonogram.cli.app import app

    commands = [command for page in snippets.pages() for command in pictures.commands(page)]
    assert commands
    for command in commands:
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 0, f"sonogram {' '.join(command)}: {result.output}"
        assert (place / command[command.index("-o") + 1]).exists()


def test_every_picture_is_shown() -> None:
    shown = set().union(*(pictures.wanted(page) for page in snippets.pages()))
    assert shown == {path.name for path in pictures.IMAGES.iterdir()}


@pytest.mark.quick
def test_a_wrong_value_is_noticed(place: Path) -> None:
    page = place / "wrong.md"
    page.write_text("# Wrong\n\n```python\n1 + 1  # 2\n1 + 1  # 3\n```\n")
    assert snippets.run(page) == ["wrong.md:5: 1 + 1 is 2, not 3"]
