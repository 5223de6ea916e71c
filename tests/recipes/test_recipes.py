"""The scripts of the recipes: what they learn from, and that they come to an end."""

import csv
import importlib
import runpy
import sys
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from tone_model import RATE, tone

import sonogram as sg

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch):
    """Import an example as its users run it: from its own folder."""
    monkeypatch.syspath_prepend(str(EXAMPLES))

    def imported(name: str) -> ModuleType:
        return importlib.import_module(name)

    return imported


def touched(folder: Path, *names: str) -> Path:
    """A folder in which files lie that nobody opens."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def manifest(folder: Path, rows: list[tuple[str, str, str]]) -> Path:
    with open(folder / "manifest.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("path", "label", "group"), *rows])
    return folder


@pytest.mark.quick
def test_no_voice_of_speech_commands_is_on_both_sides(script, tmp_path: Path) -> None:
    names = [f"{word}/{voice}_nohash_0.wav" for word in ("yes", "no", "cat") for voice in "abc"]
    folder = touched(tmp_path, *names)
    (folder / "validation_list.txt").write_text("yes/b_nohash_0.wav\n")
    (folder / "testing_list.txt").write_text(
        "".join(f"{word}/c_nohash_0.wav\n" for word in ("yes", "no", "cat"))
    )
    train, test = script("spoken_words").clips(folder, ["yes", "no"])
    assert {clip.group for clip in test} == {"c"}
    assert len(train) == 5  # without the voices of validation, too
    assert {clip.label for clip in train} == {"yes", "no", "unknown"}


@pytest.mark.quick
def test_a_fold_of_esc_50_is_left_out(script, tmp_path: Path) -> None:
    table = tmp_path / "meta" / "esc50.csv"
    table.parent.mkdir()
    lines = [f"{n}.wav,{n % 5 + 1},{n % 2},{'ab'[n % 2]},{n % 2 == 0},{n},A" for n in range(20)]
    table.write_text("\n".join(["filename,fold,target,category,esc10,src_file,take", *lines]))
    recipe = script("environmental_sound")
    train, test = recipe.clips(tmp_path, "2", False)
    assert (len(train), len(test)) == (16, 4)
    assert {clip.split for clip in test} == {"2"}
    assert {clip.label for clip in recipe.clips(tmp_path, "2", True)[0]} == {"a"}


@pytest.mark.quick
def test_gtzan_is_divided(script, tmp_path: Path) -> None:
    names = [f"genres/{genre}/{genre}.{number:05}.wav" for genre in ("blues", "rock") for number in range(10)]
    train, test = script("music").clips(touched(tmp_path, *names))
    assert (len(train), len(test)) == (16, 4)


@pytest.mark.parametrize("name", ["spoken_words", "music", "environmental_sound"])
def test_groups_of_a_manifest_stay_together(script, tmp_path: Path, name: str) -> None:
    rows = [(f"{n}.wav", "ab"[n % 2], f"group {n // 4}") for n in range(48)]
    more = {"spoken_words": (None,), "music": (), "environmental_sound": ("1", False)}[name]
    train, test = script(name).clips(manifest(tmp_path, rows), *more)
    assert len(train) + len(test) == 48
    assert not {clip.group for clip in train} & {clip.group for clip in test}


def test_rare_sounds_are_left_out(script, tmp_path: Path) -> None:
    rows = [(f"{n}.wav", "rare" if n < 7 else "ab"[n % 2], f"group {n // 4}") for n in range(48)]
    for part in script("environmental_sound").clips(manifest(tmp_path, rows), "1", False):
        assert {clip.label for clip in part} == {"a", "b"}


@pytest.mark.parametrize("name", ["spoken_words", "music", "environmental_sound"])
def test_a_wrong_folder_is_one_line(
    script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    script("recipe")
    monkeypatch.setattr(sys, "argv", [f"{name}.py", str(tmp_path / "missing")])
    with pytest.raises(SystemExit) as error:
        runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    assert (
        str(error.value)
        == f"{tmp_path / 'missing'}: no such folder; name the one that the archive was unpacked into"
    )


def test_control_c_is_one_line(script, capsys: pytest.CaptureFixture[str]) -> None:
    def stopped() -> None:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        script("recipe").run(stopped)
    assert ended.value.code == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_a_recipe_ends_with_a_model_that_predicts(
    script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    rows = []
    for number in range(16):
        hertz = rng.uniform(300, 600) * (1 + 4 * (number % 2))
        sg.save(tmp_path / f"{number}.wav", tone(hertz, 0.3), RATE)
        rows.append((f"{number}.wav", ("low", "high")[number % 2], f"voice {number // 4}"))
    manifest(tmp_path, rows)
    output = tmp_path / "words.keras"
    monkeypatch.setattr(
        sys,
        "argv",
        ["spoken_words.py", str(tmp_path), "-o", str(output), "--epochs", "1", "--network", "separable"],
    )
    # Without augmentation, which takes most of the time: this test is not about accuracy.
    recipe = script("spoken_words")
    monkeypatch.setattr(sg, "train", partial(sg.train, augment=False, versions=1))
    recipe.main()
    printed = capsys.readouterr().out
    assert "12 clips for training, 4 for evaluation, 2 classes" in printed
    assert "4 clips\n" in printed
    assert sg.predict(sg.load_model(output), tmp_path / "0.wav").labels == ("high", "low")
