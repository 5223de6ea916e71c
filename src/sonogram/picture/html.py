"""What Jupyter displays for a front end and for audio, as HTML of bounded size."""

from __future__ import annotations

import base64
import dataclasses
import io
import wave
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sonogram.audio import Audio
    from sonogram.frontend import Frontend

__all__ = ["audio_html", "frontend_html"]

_PLAYER_VALUES = 1 << 20
"""Largest number of values in the player, all channels together: 2 MiB, 23 s at 44.1 kHz in mono."""
_PICTURE_SAMPLES = 1 << 25
"""Longest audio that is drawn, samples of one channel: 12 minutes at 44.1 kHz."""


def frontend_html(frontend: Frontend) -> str:
    """Return a table of the fields of a front end that are not None, and of derived numbers."""
    values = {field.name: getattr(frontend, field.name) for field in dataclasses.fields(frontend)}
    fields = {name: repr(value) for name, value in values.items() if value is not None}
    derived = {
        "features": f"{frontend.num_bands} values per frame, {frontend.unit}",
        "frame period": f"{1000 * frontend.frame_period:.4g} ms",
        "streamable": "yes" if frontend.streamable else "no",
        "fingerprint": frontend.fingerprint[:12],
    }
    return f"<table>{_rows('Frontend', fields.items())}{_rows('derived', derived.items())}</table>"


def audio_html(audio: Audio) -> str:
    """Return a player with the beginning of the audio, and its spectrogram."""
    from sonogram.errors import SonogramError
    from sonogram.picture.show import show

    samples = np.atleast_2d(np.asarray(audio.samples, np.float32))
    channels, size = samples.shape
    played = samples[:2, : _PLAYER_VALUES // min(channels, 2)]
    text = f"{size / audio.sample_rate:.4g} s, {audio.sample_rate} Hz, {channels} channel"
    text += "s" if channels > 1 else ""
    if played.shape[1] < size:
        text += f"; the player has the first {played.shape[1] / audio.sample_rate:.3g} s"
    parts = [f"<div>{escape(text)}</div>"]
    if size:
        parts.append(
            f'<audio controls src="data:audio/wav;base64,{_base64(_wav(played, audio.sample_rate))}"></audio>'
        )
    if size <= _PICTURE_SAMPLES:
        try:
            picture = show(audio, title="")
        except SonogramError:  # too short for a frame
            picture = None
        if picture is not None:
            png, dimensions = picture._repr_png_()
            parts.append(
                f'<br><img width="{dimensions["width"]}" src="data:image/png;base64,{_base64(png)}">'
            )
    return "".join(parts)


def _rows(head: str, rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr><td>{escape(name)}</td><td style="text-align:left"><code>{escape(value)}</code></td></tr>'
        for name, value in rows
    )
    return f'<tr><th colspan="2" style="text-align:left">{escape(head)}</th></tr>{cells}'


def _wav(samples: np.ndarray, sample_rate: int) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(len(samples))
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        # Browsers clip too; NaN becomes silence.
        values = np.clip(np.nan_to_num(samples), -1, 1) * 32767
        file.writeframes(values.T.round().astype("<i2").tobytes())
    return buffer.getvalue()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
