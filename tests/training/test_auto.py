"""The front end that is chosen where a plan names none."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import sonogram as sg
from sonogram.dataset import Clips, DatasetReport, clips
from sonogram.models import describe
from sonogram.training import TrainingPlan, TrainingSettings, choose_frontend, choose_network, train

FIRST, WIDE = sg.preset("yamnet"), sg.preset("panns-32k")
SETTINGS = {"epochs": 1, "batch_size": 8, "augment": False}


def files(folder: Path, rates: Sequence[int]) -> list[str]:
    paths = [str(folder / f"{index}.wav") for index in range(len(rates))]
    for path, rate in zip(paths, rates, strict=True):
        sg.save(path, np.zeros(100), rate)
    return paths


@pytest.mark.parametrize(
    ("rates", "wanted"),
    [
        ((44_100, 48_000, 8000), WIDE),
        ((44_100, 16_000, 22_050), FIRST),
        ((32_000,), WIDE),
        ((31_999,), FIRST),
    ],
)
def test_most_files_must_have_the_rate(tmp_path: Path, rates: Sequence[int], wanted: sg.Frontend) -> None:
    assert choose_frontend("clip", files(tmp_path, rates)) == wanted


@pytest.mark.parametrize("center", ["band", None])
def test_what_is_not_known_by_its_timbre_needs_no_high_rate(tmp_path: Path, center: str | None) -> None:
    assert choose_frontend(center, files(tmp_path, (44_100,))) == FIRST


def test_of_many_files_some_from_all_over_the_list_are_asked(tmp_path: Path) -> None:
    low, high = files(tmp_path, (8000, 44_100))
    assert choose_frontend("clip", [low] * 400 + [high] * 600) == WIDE
    assert choose_frontend("clip", [low] * 600 + [high] * 400) == FIRST


def test_broken_files_have_no_say(tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    broken = str(tmp_path / "broken.wav")
    assert choose_frontend("clip", [broken, broken, *files(tmp_path, (48_000,))]) == WIDE
    assert choose_frontend("clip", [broken]) == FIRST


@pytest.fixture
def colors(tmp_path: Path) -> Clips:
    """Steady sounds of 44.1 kHz, dark and bright, from four groups, and a file that is broken."""
    rng = np.random.default_rng(0)
    lines = ["path,label,group", "broken.wav,dark,group 0"]
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    for label, hertz in (("dark", 200), ("bright", 9000)):
        time = np.arange(8000) / 44_100
        for index in range(8):
            tone = 0.3 * np.sin(2 * np.pi * hertz * rng.uniform(0.9, 1.1) * time)
            sg.save(tmp_path / f"{label}{index}.wav", tone + 0.01 * rng.standard_normal(len(time)), 44_100)
            lines.append(f"{label}{index}.wav,{label},group {index % 4}")
    (tmp_path / "manifest.csv").write_text("\n".join(lines))
    return clips(tmp_path)


def test_a_training_chooses_and_reports_an_unreadable_file_once(colors: Clips) -> None:
    lines: list[str] = []
    model = train(colors, network="small", report=DatasetReport(lines.append), **SETTINGS)
    assert describe(model).frontend == WIDE
    plan = TrainingPlan(network="small", settings=TrainingSettings(**SETTINGS))
    assert TrainingPlan.from_model(model) == plan
    assert len(lines) == 1
    assert "broken.wav" in lines[0]


def test_what_is_given_is_not_chosen(colors: Clips) -> None:
    model = train(colors, FIRST, "small", report=DatasetReport(), **SETTINGS)
    assert describe(model).frontend == FIRST
    model = train(colors, network="small", center="band", report=DatasetReport(), **SETTINGS)
    assert describe(model).frontend == FIRST


def test_few_clips_are_worth_several_networks() -> None:
    found = [choose_network(count) for count in (8, 200, 201, 1000, 1001)]
    assert found == ["cnn+crnn+cnn", "cnn+crnn+cnn", "cnn+crnn", "cnn+crnn", "cnn"]
