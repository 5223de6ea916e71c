"""The self-contained page: everything inside, nothing from elsewhere."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import sonogram as sg
from sonogram.cli.app import app
from sonogram.viewer import html

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def _content(path: Path) -> dict:
    text = path.read_text(encoding="utf-8")
    [data] = re.findall(r'<script type="application/json" id="sonogram-data">(.*?)</script>', text, re.DOTALL)
    return json.loads(data)


def _unpack(part: dict, dtype: type) -> np.ndarray:
    return np.frombuffer(gzip.decompress(base64.b64decode(part["data"])), dtype)


def _tile(content: dict, level: int) -> np.ndarray:
    [tile] = [each for each in content["tiles"] if (each["level"], each["index"]) == (level, 0)]
    dtype = np.float32 if tile.get("type") == "float32" else np.uint16
    return _unpack(tile, dtype).reshape(tile["bands"], tile["columns"]), tile


def test_the_page_holds_features_samples_and_labels(tmp_path):
    sound = tmp_path / "speech.wav"
    sound.write_bytes((EXAMPLES / "speech.wav").read_bytes())
    (tmp_path / "speech.txt").write_text("0.5\t1\t</script><b>dog\n")
    target = tmp_path / "page.html"
    ran = CliRunner().invoke(app, ["show", str(sound), "--html", str(target), "--preset", "whisper-80"])
    assert (ran.exit_code, ran.output.strip()) == (0, str(target))
    content = _content(target)
    samples = sg.load(sound)
    features = sg.preset("whisper-80")(sg.load(sound, 16_000))
    np.testing.assert_array_equal(_tile(content, 0)[0].T, features)
    sound_inside = _unpack(content["pcm"][0], np.int16) / 32767
    np.testing.assert_allclose(sound_inside, samples.samples, atol=1e-4)
    assert content["pcm"][0]["rate"] == samples.sample_rate
    assert content["labels"]["labels"][0]["text"] == "</script><b>dog"
    assert content["session"]["readonly"]


def test_nothing_is_requested_from_elsewhere(tmp_path):
    target = tmp_path / "page.html"
    html.save_page(sg.Audio(np.zeros(8000, np.float32), 8000), target)
    text = target.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(?!data:)", text)


def test_large_recordings_are_written_in_16_bit_steps(tmp_path, monkeypatch):
    monkeypatch.setattr(html, "_EXACT_VALUES", 0)
    target = tmp_path / "page.html"
    samples = np.random.default_rng(0).standard_normal(16_000).astype(np.float32) / 9
    samples[8000] = np.nan
    frontend = sg.Frontend(16_000, 400, 160, scaling=sg.scaling.Decibels())
    html.save_page(sg.Audio(samples, 16_000), target, preset=frontend)
    codes, tile = _tile(_content(target), 0)
    features = frontend(samples).T
    bad = np.isnan(features)
    assert (codes[bad] == 65535).all()
    restored = tile["low"] + codes * np.float64(tile["step"])
    assert abs(restored - features)[~bad].max() <= tile["step"] / 2 * 1.01
    assert tile["step"] < 0.01  # dB


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
