"""Banks, search by example, suggestions, and training on a bank, with a tiny network in a file."""

import itertools
import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from tone_bank import PITCHES, RATE, make_bank, tone

import sonogram as sg
from sonogram import backbones
from sonogram.search import open_bank, read_bank_labels

pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a network, recordings, and their bank."""
    place = tmp_path_factory.mktemp("search")
    make_bank(place)
    return place


def test_windows_are_those_of_prediction(folder: Path) -> None:
    bank = open_bank(folder / "bank")
    starts, length = bank.embedder.windows(5.3)
    np.testing.assert_allclose(starts, [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.3])
    assert length == 1.0
    assert len(bank) == 10 + 6
    assert bank.embedder.windows(0.7)[1] == pytest.approx(0.7)


def test_a_second_run_does_only_what_is_missing(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "bank", tmp_path / "bank")
    before = {path.name: path.read_bytes() for path in (tmp_path / "bank").glob("*.npy")}
    (tmp_path / "bank" / "low1.wav.npy").unlink()
    report = sg.embed([folder / "sounds"], tmp_path / "bank", str(folder / "own.keras"), window=1.0)
    assert (report.done, report.done_before) == (7, 6)
    assert {path.name: path.read_bytes() for path in (tmp_path / "bank").glob("*.npy")} == before
    with pytest.raises(sg.SonogramError, match="another definition"):
        sg.embed([folder / "sounds"], tmp_path / "bank", str(folder / "own.keras"), window=0.5)


def test_the_parts_that_sound_like_the_example_come_first(folder: Path) -> None:
    sg.save(folder / "example.wav", tone("high", 0.8, 99), RATE)
    found = sg.find(folder / "bank", folder / "example.wav", 4)
    assert {match.path for match in found[:3]} == {"high0.wav", "high1.wav", "long.wav"}
    place = next(match for match in found if match.path == "long.wav")
    assert 1.9 <= place.start <= 3
    assert place.end - place.start == pytest.approx(1.0)
    scores = [match.score for match in found]
    assert scores == sorted(scores, reverse=True)
    assert place.label == "example"
    with pytest.raises(sg.SonogramError, match="must be 8000 Hz"):
        sg.find(folder / "bank", sg.Audio(np.zeros(100, np.float32), 16_000))


def test_matches_of_a_recording_do_not_overlap(folder: Path) -> None:
    found = sg.find(folder / "bank", folder / "sounds" / "long.wav", 100)
    times = sorted((match.start, match.end) for match in found if match.path == "long.wav")
    assert len(times) >= 4
    assert all(end <= start + 1e-6 for (_, end), (start, _) in itertools.pairwise(times))


def test_the_first_suggestions_are_of_all_kinds(folder: Path, tmp_path: Path) -> None:
    kinds = {kind_of(match.path, match.start) for match in sg.suggest(folder / "bank", None, 4)}
    assert kinds == set(PITCHES)
    # What has a label is represented: the next suggestions are of the others.
    (tmp_path / "labels.csv").write_text("path,label\nlow0.wav,low\nhigh0.wav,high\n")
    first = sg.suggest(folder / "bank", tmp_path / "labels.csv", 1)[0]
    assert kind_of(first.path, first.start) == "middle"
    assert first.label in {"low", "high"}
    assert first.path not in {"low0.wav", "high0.wav"}


@pytest.mark.parametrize("count", [0, 2.5, True, "3"])
def test_a_count_is_a_whole_number(folder: Path, count: object) -> None:
    for function in (sg.find, sg.suggest):
        with pytest.raises(sg.SonogramError, match="count must be a whole number, at least 1; got"):
            function(folder / "bank", str(folder / "sounds" / "low0.wav"), count)


def test_a_bank_of_other_weights_is_refused(tmp_path: Path) -> None:
    make_bank(tmp_path)
    (tmp_path / "labels.csv").write_text("path,label\nlow0.wav,low\nhigh0.wav,high\nlow1.wav,low\n")
    card = tmp_path / "own.json"
    card.write_text(json.dumps({"sample_rate": RATE // 2}))
    with pytest.raises(sg.SonogramError, match="bank: was written with another preparation of the sounds"):
        sg.find(tmp_path / "bank", tmp_path / "sounds" / "low0.wav")
    card.write_text(json.dumps({"sample_rate": RATE}))
    layers = [keras.Input((RATE // 2,)), keras.layers.Dense(20)]
    keras.Sequential(layers).save(tmp_path / "own.keras")
    backbones._digest.cache_clear()  # as another process
    problem = r"bank: was written with other weights of .*own\.keras; embed again into a new folder"
    with pytest.raises(sg.SonogramError, match=problem):
        sg.find(tmp_path / "bank", tmp_path / "sounds" / "low0.wav")
    with pytest.raises(sg.SonogramError, match=problem):
        sg.train(tmp_path / "labels.csv", bank=tmp_path / "bank")
    assert sg.suggest(tmp_path / "bank", count=1)  # it compares the vectors of the bank alone


def kind_of(path: str, start: float) -> str:
    """Return the label of a window of the bank."""
    if path != "long.wav":
        return path.rstrip("01.wav")
    return "low" if start < 1.75 else "high" if start < 3.75 else "middle"


def test_labels_apply_to_the_windows_that_they_cover(folder: Path, tmp_path: Path) -> None:
    bank = open_bank(folder / "bank")
    first = int(bank.firsts[[row.path for row in bank.rows].index("long.wav")])
    lines = ["path,label,start,end", "long.wav,low,0,2", "long.wav,high,2.1,2.3", "low0.wav,low,,"]
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    low, high, whole = read_bank_labels(bank, tmp_path / "labels.csv")
    assert (low.windows - first).tolist() == [0, 1, 2, 3]
    assert (high.windows - first).tolist() == [3, 4]
    assert len(whole.windows) == 1
    for line, problem in (
        ("long.wav,low,3,2", "start must be before end"),
        ("long.wav,low,9,10", "inside the recording of 5.3 s"),
        ("long.wav,low,0,99", "inside the recording of 5.3 s; got 0 to 99 s"),
        ("long.wav,low,x,2", "must be seconds"),
        ("other.wav,low,0,1", r"wrong\.csv, line 2: .*other\.wav is not in the bank .*; write a path of"),
    ):
        (tmp_path / "wrong.csv").write_text(f"path,label,start,end\n{line}\n")
        with pytest.raises(sg.SonogramError, match=problem):
            read_bank_labels(bank, tmp_path / "wrong.csv")
