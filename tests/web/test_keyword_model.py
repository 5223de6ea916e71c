"""A trained model in Chromium has the scores of `sonogram predict`: the code of the documentation runs."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

import sonogram as sg
from sonogram.cli.app import app

from .browser import CHROMIUM, run_page

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "front-end-in-the-browser.md"
RUNTIME = Path(__file__).resolve().parent / "onnxruntime" / "node_modules" / "onnxruntime-web" / "dist"
RATE = 16000
WORDS = {"no": (300.0, 900.0), "yes": (2500.0, 1200.0), "stop": (800.0, 5000.0)}
MISSING = [
    name
    for name, found in (("Chromium", CHROMIUM), ("onnxruntime-web (make accept)", RUNTIME.is_dir()))
    if not found
]

pytestmark = [
    pytest.mark.accept,
    pytest.mark.skipif(bool(MISSING), reason=f"a model in the browser needs {', '.join(MISSING)}"),
]


def sweep(word: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a sweep of the frequencies of a word, in noise, with near silence at both ends."""
    seconds = rng.uniform(0.3, 0.6)
    time = np.arange(round(seconds * RATE)) / RATE
    first, last = np.array(WORDS[word]) * rng.uniform(0.9, 1.1)
    sound = np.sin(2 * np.pi * (first + (last - first) * time / (2 * seconds)) * time) * rng.uniform(0.1, 0.6)
    noisy = sound + 0.02 * rng.standard_normal(len(sound))
    start = rng.integers(RATE // 4)
    padded = np.pad(noisy, (start, RATE - start - len(noisy)))
    return (padded + 1e-5 * rng.standard_normal(RATE)).astype(np.float32)


def run_command(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def code(language: str) -> list[str]:
    """Return the blocks of the page."""
    parts = PAGE.read_text(encoding="utf-8").split("```")[1::2]
    return [part.removeprefix(language) for part in parts if part.startswith(f"{language}\n")]


@pytest.fixture
def clips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Train a model in the current folder, and return clips that it was not trained on."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for word in WORDS:
        folder = tmp_path / "words" / word
        folder.mkdir(parents=True)
        for index in range(12):
            sg.save(folder / f"{index}.wav", sweep(word, rng), RATE)
    options = ("--preset", "kaldi-fbank-80", "--network", "separable", "--epochs", "25", "--batch-size", "4")
    run_command("train", "words", "-o", "words.keras", *options)
    run_command("export-frontend", "kaldi-fbank-80", "-o", "fbank", "--target", "web")
    sounds = [sweep(word, rng) for word in WORDS for _ in range(3)]
    sounds += [sounds[0][:1000], np.zeros(RATE, np.float32)]  # a part, and silence
    paths = [tmp_path / f"{index}.wav" for index in range(len(sounds))]
    for path, sound in zip(paths, sounds, strict=True):
        sg.save(path, sound, RATE)
    return paths


def predicted(clips: list[Path]) -> NDArray[np.float64]:
    """Return the scores of `sonogram predict`, (clips, words), in the order of the labels."""
    written = json.loads(run_command("predict", "words.keras", *map(str, clips), "--json", "--top", "3"))
    tops = [{best["label"]: best["score"] for best in entry["top"]} for entry in written["files"]]
    return np.array([[top[word] for word in sorted(WORDS)] for top in tops])


def test_the_scores_in_the_browser_are_those_of_predict(clips: list[Path], tmp_path: Path) -> None:
    expected = predicted(clips)
    assert np.ptp(expected, axis=0).min() > 0.3  # of an untrained model any input has the same scores
    export = next(block for block in code("python") if "network.export" in block)
    exec(compile(export, PAGE.name, "exec"), {"sg": sg})
    sounds = [base64.b64encode(sg.load(clip).samples.astype("<f4").tobytes()).decode() for clip in clips]
    blocks = {name: next(block for block in code("js") if name in block) for name in ("Engine", "classify")}
    script = "\n".join([*blocks.values(), f"const sounds = {json.dumps(sounds)};", SCORES])
    script = script.replace("const { data, frames, bands } = frontend.features(samples);", "", 1)
    files = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.glob("fbank/*")}
    files["network.onnx"] = Path("network.onnx").read_bytes()
    files |= {path.name: path.read_bytes() for path in RUNTIME.glob("ort*wasm*.*m*") if path.suffix != ".map"}
    found = run_page(script.replace('"onnxruntime-web"', '"./ort.wasm.min.mjs"'), files, tmp_path / "profile")
    assert isinstance(found, list), found  # otherwise it is the error of the page
    # `predict` rounds to 1e-6; the rest is float32 in another order, which the logarithm enlarges.
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


SCORES = """
const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const scores = [];
for (const sound of sounds) scores.push(Array.from(await classify(new Float32Array(bytes(sound).buffer))));
export const answer = scores;
"""
