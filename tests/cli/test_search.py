"""The commands `embed`, `find`, `suggest`, and `train --bank`, with a tiny network in a file."""

from pathlib import Path

import numpy as np
import pytest
from tone_bank import make_bank, tone

import sonogram as sg

pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a network, recordings, and their bank."""
    place = tmp_path_factory.mktemp("search")
    make_bank(place)
    return place


def test_the_commands_search_label_and_train(run, folder: Path, tmp_path: Path) -> None:
    bank, network = tmp_path / "bank", folder / "own.keras"
    ran = run("embed", folder / "sounds", "-o", bank, "--backbone", network, "--window", "1")
    assert ran.code == 1
    assert "7 done, 1 failed" in ran.out
    ran = run("find", bank, folder / "sounds" / "low0.wav", "-n", "2")
    assert ran.out.splitlines()[0].split("\t") == ["path", "start", "end", "label", "score"]
    assert ran.out.splitlines()[1].split("\t")[:2] == ["low0.wav", "0.00"]
    assert (
        run("find", bank, folder / "sounds" / "low0.wav", "--format", "raven", "-o", tmp_path / "r").code == 0
    )
    assert "Begin Time (s)" in (tmp_path / "r" / "low0.selections.txt").read_text()
    lines = [
        "path,label,start,end",
        *(
            f"long.wav,{label},{start},{start + 1.3}"
            for label, start in (("low", 0), ("high", 2), ("middle", 4))
        ),
        "low0.wav,low,,",
        "high0.wav,high,,",
        "middle0.wav,middle,,",
    ]
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    ran = run("suggest", bank, tmp_path / "labels.csv", "-n", "2", "-o", tmp_path / "next.csv")
    assert (tmp_path / "next.csv").read_text().splitlines()[0] == "path,start,end,label,score"
    model = tmp_path / "model.keras"
    ran = run("train", tmp_path / "labels.csv", "--bank", bank, "-o", model)
    assert ran.code == 0, ran.err
    scores = sg.models.scores(
        sg.load_model(model), [tone(label, 0.9, 77) for label in ("high", "low", "middle")]
    )
    assert scores.argmax(axis=1).tolist() == [0, 1, 2]
    assert run("train", tmp_path / "labels.csv", "--bank", bank, "-o", model, "--network", "cnn").code == 2
    for option in (("--epochs", 3), ("--batch-size", 8), ("--join", 2), ("--export-to", "onnx")):
        ran = run("train", tmp_path / "labels.csv", "--bank", bank, "-o", model, *option)
        assert (ran.code, f"leave out {option[0]}" in ran.err) == (2, True)
    labels, sound = tmp_path / "labels.csv", folder / "sounds" / "low0.wav"
    kept = labels.read_bytes(), sound.read_bytes()
    assert "is an input; give another name" in run("suggest", bank, labels, "-o", labels).err
    assert "is an input; give another name" in run("find", bank, sound, "-o", sound, "--format", "csv").err
    assert (labels.read_bytes(), sound.read_bytes()) == kept
    kept = network.read_bytes()
    ran = run("train", folder / "sounds", "-o", network, "--backbone", network)
    assert (ran.code, network.read_bytes() == kept) == (2, True)
    assert "is an input; give another name" in ran.err
    with pytest.raises(sg.SonogramError, match="must have one channel"):
        sg.search.find(bank, sg.Audio(np.zeros((2, 8000)), 8000))
    with pytest.raises(sg.SonogramError, match="the example: samples must be finite"):
        sg.search.find(bank, sg.Audio(np.full(8000, np.nan), 8000))
    assert "no bank" in run("find", folder / "sounds", folder / "sounds" / "low0.wav").err
    assert run("find", bank, folder / "sounds" / "low0.wav", "--format", "raven").code == 2
