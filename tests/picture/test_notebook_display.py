"""What Jupyter displays: pictures, front ends, audio; bounded in size."""

import base64
import io
import re
import wave

import numpy as np
import pytest

import sonogram as sg
from sonogram import html
from sonogram.picture.show import ArgumentError

TONE = (0.5 * np.sin(0.3 * np.arange(16_000))).astype(np.float32)


def test_a_picture_is_displayed_at_half_its_size() -> None:
    frontend = sg.Frontend(16000, 512, 128)
    png, size = sg.picture.draw(frontend(TONE), frontend)._repr_png_()
    assert png.startswith(b"\x89PNG")
    assert size["width"] == 1000


def test_a_front_end_is_a_table() -> None:
    text = sg.preset("whisper-80")._repr_html_()
    assert "mel_scale=&#x27;slaney&#x27;" in text
    assert "80 values per frame" in text
    assert text.count("<table>") == text.count("</table>") == 1


def test_audio_has_a_player_and_a_waveform() -> None:
    text = sg.Audio(TONE, 16_000)._repr_html_()
    assert "1 s, 16000 Hz, 1 channel" in text
    (sound,) = re.findall(r"data:audio/wav;base64,([^\"]+)", text)
    with wave.open(io.BytesIO(base64.b64decode(sound))) as file:
        assert (file.getframerate(), file.getnframes(), file.getnchannels()) == (16_000, 16_000, 1)
        played = np.frombuffer(file.readframes(16_000), "<i2") / 32767
    np.testing.assert_allclose(played, TONE, atol=1e-4)
    assert text.count("<svg") == 1


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(3), np.full(9, np.nan), np.ones((6, 900))])
def test_any_audio_is_displayed(samples: np.ndarray) -> None:
    assert (
        f", {1 if samples.ndim == 1 else 6} channel"
        in sg.Audio(samples.astype(np.float32), 8000)._repr_html_()
    )


def test_the_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "_PLAYER_VALUES", 8000)
    text = sg.Audio(np.stack([TONE, TONE]), 16_000)._repr_html_()
    assert "the player has the first 0.25 s" in text
    assert len(text) < 50_000


def test_show_takes_audio_at_any_rate() -> None:
    picture = sg.show([sg.Audio(TONE, 16_000), sg.Audio(TONE[:8000], 8000)], preset="whisper-80", title="two")
    assert len([axes for axes in picture.axes if axes.get_label().startswith("spectrogram")]) == 2
    both = sg.Audio(np.stack([TONE, TONE / 2]), 16_000)
    assert len(sg.show(both, channels=True).axes) == 5
    assert len(sg.show(both).axes) == 3


def test_show_states_which_argument_is_invalid() -> None:
    for name, value in (("colors", "virids"), ("dynamic_range", -1), ("preset", "wisper"), ("page", 1)):
        with pytest.raises(ArgumentError) as caught:
            sg.show(sg.Audio(TONE, 16_000), **{name: value})
        assert caught.value.argument == name


def test_show_raises_or_reports_what_is_broken(tmp_path) -> None:
    with pytest.raises(sg.AudioError, match="no such file"):
        sg.show(tmp_path / "missing.wav")
    lines: list[str] = []
    assert sg.show([tmp_path / "missing.wav"], on_broken=lines.append) is None
    assert len(lines) == 1
