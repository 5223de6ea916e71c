"""The self-contained page: everything inside, nothing from elsewhere."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import sonogram as sg
from sonogram.cli.app import app
from sonogram.viewer import html, stored_tiles
from sonogram.viewer.compact import compact
from sonogram.viewer.recording import MIX, Recording
from sonogram.web import built, to_web

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def _content(path: Path) -> dict:
    text = path.read_text(encoding="utf-8")
    [data] = re.findall(r'<script type="application/json" id="sonogram-data">(.*?)</script>', text, re.DOTALL)
    return json.loads(data)


def _unpack(data: str, dtype: type = np.uint8) -> np.ndarray:
    return np.frombuffer(gzip.decompress(base64.b64decode(data)), dtype)


def _samples(sound: dict) -> np.ndarray:
    """Undo `compact` number by number."""
    planes = _unpack(sound["data"]).reshape(sound["planes"], sound["samples"])
    numbers = [sum(int(byte) << (8 * place) for place, byte in enumerate(column)) for column in planes.T]
    if not sound["scale"]:
        return np.array(numbers, np.uint32).view(np.float32)
    signed = [number // 2 if number % 2 == 0 else -(number + 1) // 2 for number in numbers]
    for _ in range(sound["order"]):
        signed = list(itertools.accumulate(signed))
    return np.array([number * sound["scale"] for number in signed], np.float32)


def test_the_page_holds_sound_engine_definition_and_labels(tmp_path):
    sound = tmp_path / "speech.wav"
    sound.write_bytes((EXAMPLES / "speech.wav").read_bytes())
    (tmp_path / "speech.txt").write_text("0.5\t1\t</script><b>dog\n")
    target = tmp_path / "page.html"
    ran = CliRunner().invoke(app, ["show", str(sound), "--html", str(target), "--preset", "whisper-80"])
    assert (ran.exit_code, ran.output.strip()) == (0, str(target))
    content = _content(target)
    samples = sg.load(sound)
    np.testing.assert_array_equal(_samples(content["sound"]), samples.samples)
    assert content["sound"]["rate"] == samples.sample_rate
    assert _unpack(content["engine"]).tobytes() == built("engine.wasm")
    [program] = content["programs"].values()
    assert json.loads(_unpack(program).tobytes()) == to_web(sg.preset("whisper-80"))
    assert content["tiles"] == []
    assert content["session"]["definitions"][0]["engine"] == "WebAssembly"
    assert content["labels"]["labels"][0]["text"] == "</script><b>dog"
    assert content["session"]["readonly"]
    assert target.stat().st_size < 300_000 + 2 * sound.stat().st_size


@pytest.mark.parametrize(
    ("samples", "step"),
    [
        (np.array([0, 32767, -32768, 5, -7], np.float32) / 32768, 2**-15),
        (np.array([0, 32767, -32768, 5], np.float32) / 65536, 2**-16),  # the mean of two channels
        (np.array([1, -8388608, 77], np.float32) / 8388608, 2**-23),
        (np.array([0.1, np.nan, -np.inf, 3e-39], np.float32), 0),
        (np.array([], np.float32), 2**-7),
    ],
)
def test_samples_are_stored_without_loss(samples, step):
    stored = compact(samples)
    assert stored["scale"] == step
    np.testing.assert_array_equal(_samples(stored), samples)


def test_smooth_samples_take_less_space_than_their_bits():
    tone = np.round(np.sin(np.arange(16_000) / 30) * 30_000).astype(np.float32) / 32768
    noise = np.random.default_rng(0).standard_normal(16_000).astype(np.float32) / 9
    assert len(compact(tone)["data"]) < 16_000
    assert len(compact(noise)["data"]) < 16_000 * 4 * 4 / 3 * 0.96


def _tile(content: dict, level: int) -> tuple[np.ndarray, dict]:
    [tile] = [each for each in content["tiles"] if (each["level"], each["index"]) == (level, 0)]
    dtype = np.float32 if tile.get("type") == "float32" else np.uint16
    return _unpack(tile["data"], dtype).reshape(tile["bands"], tile["columns"]), tile


def test_features_that_the_engine_of_the_page_lacks_are_written_as_tiles(tmp_path):
    target = tmp_path / "page.html"
    samples = np.random.default_rng(0).standard_normal(22_050).astype(np.float32) / 9
    frontend = sg.preset("librosa-cqt")
    html.save_page(sg.Audio(samples, 22_050), target, preset=frontend)
    np.testing.assert_array_equal(_tile(_content(target), 0)[0].T, frontend(samples))


def test_nothing_is_requested_from_elsewhere(tmp_path):
    target = tmp_path / "page.html"
    html.save_page(sg.Audio(np.zeros(8000, np.float32), 8000), target)
    text = target.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(?!data:)", text)


def test_many_tiles_are_written_in_16_bit_steps(monkeypatch):
    monkeypatch.setattr(stored_tiles, "_EXACT_VALUES", 0)
    samples = np.random.default_rng(0).standard_normal(16_000).astype(np.float32) / 9
    samples[8000] = np.nan
    frontend = sg.Frontend(16_000, 400, 160, scaling=sg.scaling.Decibels())
    recording = Recording(sg.Audio(samples, 16_000), "noise")
    pyramid = recording.pyramid(MIX, frontend)
    pyramid.wait()
    codes, tile = _tile({"tiles": stored_tiles.stored_tiles("noise", pyramid)}, 0)
    recording.close()
    features = frontend(samples).T
    bad = np.isnan(features)
    assert (codes[bad] == 65535).all()
    restored = tile["low"] + codes * np.float64(tile["step"])
    assert abs(restored - features)[~bad].max() <= tile["step"] / 2 * 1.01
    assert tile["step"] < 0.01  # dB


def test_more_features_than_a_browser_keeps_are_refused_with_a_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(html, "_MAX_VALUES", 1000)
    with pytest.raises(sg.SonogramError, match=r"features would take .* MB in the browser.*fewer bands"):
        html.save_page(EXAMPLES / "speech.wav", tmp_path / "page.html")


def test_a_recording_that_is_too_long_is_refused_with_a_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(html, "_MAX_BYTES", 10_000)
    target = tmp_path / "page.html"
    with pytest.raises(sg.SonogramError, match=r"its page would have .* MB.*open it with `sonogram view`"):
        html.save_page(EXAMPLES / "speech.wav", target)
    assert not target.exists()


def test_wrong_usage_is_one_line(tmp_path):
    sound = str(EXAMPLES / "speech.wav")
    for arguments in (
        [sound, sound, "--html", str(tmp_path / "page.html")],
        [str(EXAMPLES), "--html", str(tmp_path / "page.html")],
        [sound, "--html", str(tmp_path)],
        [sound, "--html", sound],
        [sound, "--html", str(tmp_path / "page.png")],
        [sound, "--html", str(tmp_path / "page.html"), "--axis", "log"],
        [sound, "--html", str(tmp_path / "page.html"), "-o", str(tmp_path / "picture.png")],
    ):
        ran = CliRunner().invoke(app, ["show", *arguments])
        assert ran.exit_code == 2
