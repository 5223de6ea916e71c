"""One HTML file with the page and a recording inside: features, samples, labels. It needs no server."""

from __future__ import annotations

import base64
import gzip
import json
import os
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.files import write_text
from sonogram.frontend import Frontend
from sonogram.viewer.color_range import color_range
from sonogram.viewer.definitions import identifier
from sonogram.viewer.pyramid import Pyramid, tile_columns
from sonogram.viewer.recording import MIX, Recording
from sonogram.viewer.session import Session, Source
from sonogram.viewer.track import Track
from sonogram.viewer.view import open_session

__all__ = ["save_page"]

_MAX_BYTES = 60 << 20
_EXACT_VALUES = 3 << 19
"""Features of a recording that are written as float32; more of them as 16-bit steps."""
_NAN, _SILENCE, _CODES = 65535, 65534, 65533
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; media-src blob:; worker-src blob:"
)


def save_page(
    source: Source,
    path: str | os.PathLike[str],
    *,
    preset: str | Frontend | None = None,
    labels: str | os.PathLike[str] | None = None,
) -> None:
    """Write one HTML file to look at a recording and to listen to it, in any browser and without a network.

    Args:
        source: A sound file, or an `Audio`.
        path: HTML file to write.
        preset: Name of a published front end, or a `Frontend`; None chooses a definition for viewing.
        labels: Its label file; None is the one next to the sound.

    Raises:
        SonogramError: The recording cannot be read, or is too long for one file.

    Example:
        >>> import pathlib, tempfile
        >>> page = pathlib.Path(tempfile.mkdtemp()) / "tone.html"
        >>> tone = sg.Audio(np.sin(0.3 * np.arange(16000, dtype="float32")), 16000)
        >>> sg.viewer.save_page(tone, page)
        >>> page.read_text().startswith("<!doctype html>")
        True

    See Also:
        `sonogram.view`, for recordings of any length.
    """
    session = open_session(source, preset, labels=labels)
    try:
        write_text(path, _inline(_content(session)))
    finally:
        session.close()


def _content(session: Session) -> dict[str, Any]:
    """Return what the page gets from a server, as one object."""
    recording = session.recording("f0")
    track, _ = recording.track(MIX)
    _check_size(recording, session.frontends)
    track.wait(track.total + 1)
    if track.error is not None:
        raise SonogramError(track.error)
    pyramids = {identifier(frontend): recording.pyramid(MIX, frontend) for frontend in session.frontends}
    for pyramid in pyramids.values():
        error = pyramid.wait()
        if error is not None:
            raise SonogramError(error)
    try:
        found, _ = session.labels("f0").read()
    except SonogramError:  # sound in memory has none
        found = {"labels": [], "format": "audacity", "name": "", "recovered": None}
    described = session.describe()
    facts = {**session.sizes("f0"), "channels": 1}
    return {
        "session": {**described, "files": [facts], "readonly": True},
        "file": facts,
        "labels": found,
        "levels": {name: color_range(pyramid) for name, pyramid in pyramids.items()},
        "tiles": [tile for name, pyramid in pyramids.items() for tile in _tiles(name, pyramid)],
        "wave": _waves(track),
        "pcm": [_sound(track)],
        "engine": None,
        "lowered": {},
    }


def _check_size(recording: Recording, frontends: list[Frontend]) -> None:
    """Refuse a recording that would need a larger file, before it is computed."""
    facts = recording.facts
    size = 2 * facts.num_samples
    for frontend in frontends:
        frames = facts.duration / frontend.frame_period
        size += round(4 * frames * frontend.num_bands)
    if size * 4 / 3 > 2 * _MAX_BYTES:  # compression at most halves it
        _refuse(recording.name, size * 4 / 3)


def _refuse(name: str, size: float) -> None:
    raise SonogramError(
        f"{name}: its page would have {size / 1e6:.0f} MB, more than browsers open well "
        f"({_MAX_BYTES / 1e6:.0f} MB); choose a part with --start and --duration, or a front end with "
        "fewer bands, or open it with `sonogram view`"
    )


def _packed(values: NDArray[Any]) -> str:
    content = np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()
    return base64.b64encode(gzip.compress(content, 6, mtime=0)).decode("ascii")


def _tiles(name: str, pyramid: Pyramid) -> list[dict[str, Any]]:
    exact = pyramid.num_frames * pyramid.frontend.num_bands <= _EXACT_VALUES
    scale = None if exact else _scale(pyramid)
    found = []
    for level in range(pyramid.num_levels):
        columns = -(-pyramid.num_frames // (1 << level))
        for index in range(-(-columns // tile_columns(pyramid.frontend))):
            values = pyramid.tile(level, index).values
            tile = {"def": name, "channel": MIX, "level": level, "index": index}
            tile |= {"bands": values.shape[0], "columns": values.shape[1]}
            if scale is None:
                tile |= {"type": "float32", "data": _packed(values)}
            else:
                tile |= {"low": scale[0], "step": scale[1], "data": _packed(_codes(values, *scale))}
            found.append(tile)
    return found


def _scale(pyramid: Pyramid) -> tuple[float, float]:
    """Return the lowest finite value and the step of the codes, over all tiles."""
    lowest, highest = np.inf, -np.inf
    for index in range(-(-pyramid.num_frames // tile_columns(pyramid.frontend))):
        values = pyramid.tile(0, index).values
        finite = values[np.isfinite(values)]
        if len(finite):
            lowest, highest = min(lowest, float(finite.min())), max(highest, float(finite.max()))
    if lowest > highest:
        return 0.0, 1.0
    return lowest, (highest - lowest) / _CODES or 1.0


def _codes(values: NDArray[np.float32], low: float, step: float) -> NDArray[np.uint16]:
    with np.errstate(invalid="ignore"):
        codes = np.round((values.astype(np.float64) - low) / step).clip(0, _CODES)
    codes[np.isnan(values)], codes[values == -np.inf] = _NAN, _SILENCE
    return codes.astype(np.uint16)


def _waves(track: Track) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for level in range(track.num_wave_levels()):
        index = 0
        while len(columns := track.wave(0, level, index)[0]):
            place = {"channel": MIX, "level": level, "index": index, "columns": len(columns)}
            found.append({**place, "data": _packed(columns)})
            index += 1
    return found


def _sound(track: Track) -> dict[str, Any]:
    samples = np.round(np.nan_to_num(track.samples(0, 0, track.total)).clip(-1, 1) * 32767).astype(np.int16)
    place = {"channel": MIX, "rate": track.sample_rate, "type": "int16", "samples": len(samples)}
    return {**place, "data": _packed(samples)}


def _inline(content: dict[str, Any]) -> str:
    """Return the page with its script, its style and the content inside."""
    folder = resources.files("sonogram.viewer").joinpath("page")
    if not folder.joinpath("index.html").is_file():
        raise SonogramError("the page of the viewer is not installed; install sonogram again")
    page, script, style = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("index.html", "view.js", "view.css")
    )
    # In HTML only `<` could end the element; in JSON it can be written as an escape.
    data = json.dumps(content, allow_nan=False).replace("<", "\\u003c")
    if len(data) > _MAX_BYTES:
        _refuse(content["session"]["title"], len(data))
    script = script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    page = _replace(page, '<link rel="stylesheet" href="page/view.css" />', f"<style>{style}</style>")
    inside = f'<script type="application/json" id="sonogram-data">{data}</script>\n<script>{script}</script>'
    page = _replace(page, '<script defer src="page/view.js"></script>', inside)
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}" />'
    return _replace(page, '<meta charset="utf-8" />', f'<meta charset="utf-8" />\n    {policy}')


def _replace(page: str, old: str, new: str) -> str:
    if page.count(old) != 1:
        raise SonogramError(f"the page of the viewer lacks {old}; install sonogram again")
    return page.replace(old, new)
