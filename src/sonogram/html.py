"""HTML that Jupyter displays for front ends and audio, of bounded size."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Mapping
from html import escape

import numpy as np
from numpy.typing import NDArray

__all__ = ["player", "table"]

_PLAYER_VALUES = 1 << 20
"""Largest number of values in the player, all channels together: 2 MiB, 23 s at 44.1 kHz in mono."""
_WIDTH, _HEIGHT = 640, 80
"""Size of a drawn waveform, pixels."""


def table(sections: Mapping[str, Mapping[str, str]]) -> str:
    """Return a table with a heading for each section, and a row for each name and value."""
    rows = []
    for heading, values in sections.items():
        rows.append(f'<tr><th colspan="2" style="text-align:left">{escape(heading)}</th></tr>')
        rows += (
            f'<tr><td>{escape(name)}</td><td style="text-align:left"><code>{escape(value)}</code></td></tr>'
            for name, value in values.items()
        )
    return f"<table>{''.join(rows)}</table>"


def player(samples: NDArray[np.float32], sample_rate: int) -> str:
    """Return a player with the beginning of a sound, and the waveform of all of it.

    Args:
        samples: `(samples,)` or `(channels, samples)`.
        sample_rate: Hertz.
    """
    samples = np.nan_to_num(np.atleast_2d(samples))
    channels, size = samples.shape
    played = samples[:2, : _PLAYER_VALUES // min(channels, 2)]
    text = f"{size / sample_rate:.4g} s, {sample_rate} Hz, {channels} channel{'s' if channels > 1 else ''}"
    if played.shape[1] < size:
        text += f"; the player has the first {played.shape[1] / sample_rate:.3g} s"
    if not size:
        return f"<div>{escape(text)}</div>"
    sound = base64.b64encode(_wav(played, sample_rate)).decode("ascii")
    audio = f'<audio controls src="data:audio/wav;base64,{sound}"></audio>'
    return f"<div>{escape(text)}</div>{_waveform(samples)}<br>{audio}"


def _waveform(samples: NDArray[np.float32]) -> str:
    """Return a picture of the lowest and highest sample in each column of pixels, over all channels."""
    size = samples.shape[1]
    starts = np.unique(np.arange(_WIDTH) * size // _WIDTH)
    lowest = np.minimum.reduceat(samples.min(axis=0), starts)
    highest = np.maximum.reduceat(samples.max(axis=0), starts)
    columns = starts * _WIDTH / size
    peak = max(float(np.abs(samples).max()), 1e-9)
    upper = [f"{x:.4g},{y:.3g}" for x, y in zip(columns, _HEIGHT / 2 * (1 - highest / peak), strict=True)]
    lower = [f"{x:.4g},{y:.3g}" for x, y in zip(columns, _HEIGHT / 2 * (1 - lowest / peak), strict=True)]
    points = " ".join(upper + lower[::-1])
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}"><polygon points="{points}" '
        'fill="#762181" stroke="#762181"/></svg>'
    )


def _wav(samples: NDArray[np.float32], sample_rate: int) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(len(samples))
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).T.round().astype("<i2").tobytes())
    return buffer.getvalue()
