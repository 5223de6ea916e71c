"""What each address of the viewer's server answers: arrays as bytes, and JSON."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.responses import JSONResponse, Response

from sonogram import __version__, presets
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.picture.color_scale import color_scale
from sonogram.viewer import definitions
from sonogram.viewer.pyramid import Pyramid
from sonogram.viewer.recording import Recording
from sonogram.viewer.session import RefusedError, Session
from sonogram.viewer.track import WAVE_COLUMNS, WAVE_SAMPLES

__all__ = ["ROUTES", "Call", "Compute", "array", "suggested_levels"]

_MAX_ROWS = 4096
_MAX_SAMPLES = 1 << 20
_MAX_WINDOW = 120.0
_MAX_INDEX = 1 << 40


@dataclass
class Call:
    """One request, read."""

    session: Session
    path: Mapping[str, str]
    """Parts of the address by name."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    """JSON of a write."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    """Set when the page does not want the answer any more."""

    @property
    def recording(self) -> Recording:
        """The file that the address names."""
        return self.session.recording(self.path["file"])

    @property
    def frontend(self) -> Frontend:
        """The definition that the address names."""
        return self.session.frontend(self.path["definition"])

    def number(self, name: str, default: float | None = None, highest: float = _MAX_INDEX) -> float:
        """Return a number of at least 0, from the address or the query."""
        text = self.path.get(name, self.query.get(name))
        if text is None and default is not None:
            return default
        try:
            value = float(text or "")
        except ValueError:
            value = math.nan
        if not 0 <= value <= highest:
            raise RefusedError(400, f"{name} must be a number from 0 to {highest:g}; got {str(text)[:40]!r}")
        return value

    def whole(self, name: str, default: int | None = None, highest: int = _MAX_INDEX) -> int:
        """Return a whole number of at least 0, from the address or the query."""
        value = self.number(name, default, highest)
        if value != int(value):
            raise RefusedError(400, f"{name} must be a whole number; got {value:g}")
        return int(value)


Compute = Callable[[Call], Response]


def array(values: NDArray[Any], complete: bool = True, tag: str | None = None, **headers: Any) -> Response:
    """Return an array as an answer; `first_frame=0` becomes the header `X-First-Frame: 0`."""
    own = {f"X-{name.replace('_', '-').title()}": str(value) for name, value in headers.items()}
    own |= {"X-Complete": str(int(complete)), "Cache-Control": "private, no-cache"}
    if tag is not None and complete:
        own["ETag"] = tag
    return Response(
        np.ascontiguousarray(values).tobytes(), media_type="application/octet-stream", headers=own
    )


# What is open.


def _session(call: Call) -> Response:
    return JSONResponse(call.session.describe())


def _file(call: Call) -> Response:
    return JSONResponse(call.session.sizes(call.path["file"]))


def _progress(call: Call) -> Response:
    recording = call.session.recording(call.query.get("file", "f0"))
    return JSONResponse(recording.progress())


# Features.


def _pyramid(call: Call) -> Pyramid:
    pyramid = call.recording.pyramid(call.path["channel"], call.frontend)
    if pyramid.error is not None:
        raise SonogramError(pyramid.error)
    return pyramid


def _tile(call: Call) -> Response:
    level, index = call.whole("level", highest=40), call.whole("index")
    recording, definition = call.recording, call.path["definition"]
    place = f"{call.path['channel']}-{level}-{index}"
    tag = f'"{definition}-{recording.digest}-{place}-{__version__}"'
    if call.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag, "Cache-Control": "private, no-cache"})
    pyramid = _pyramid(call)
    tile = pyramid.tile(level, index, call.cancelled)
    if not tile.values.shape[1] and tile.complete and index:
        raise RefusedError(404, f"there is no tile {index} at level {level}; the recording ends before it")
    bands, columns = tile.values.shape
    return array(
        tile.values,
        tile.complete,
        tag,
        first_frame=tile.first_frame,
        frames_per_column=tile.frames_per_column,
        columns=columns,
        bands=bands,
    )


def _values(call: Call) -> Response:
    first, count = call.whole("first", 0), call.whole("count", _MAX_ROWS, _MAX_ROWS)
    rows, complete = _pyramid(call).values(first, count)
    return array(rows, complete, first_frame=first, frames=len(rows), bands=rows.shape[1])


def _window(call: Call) -> Response:
    """Answer with the features of a part alone, as a model that gets this part computes them."""
    frontend, recording = call.frontend, call.recording
    track, channel = recording.track(call.path["channel"], int(frontend.sample_rate))
    start = round(call.number("start") * track.sample_rate)
    stop = start + round(call.number("seconds", highest=_MAX_WINDOW) * track.sample_rate)
    samples = track.samples(channel, start, stop)
    rows = frontend(samples)
    return array(
        rows,
        track.complete or len(samples) == stop - start,
        frames=len(rows),
        bands=rows.shape[1],
        start=start / track.sample_rate,
        seconds=len(samples) / track.sample_rate,
    )


def _levels(call: Call) -> Response:
    pyramid = _pyramid(call)
    return JSONResponse(suggested_levels(pyramid))


def suggested_levels(pyramid: Pyramid) -> dict[str, Any]:
    """Return the range of the colors for a recording, by the rule of the pictures."""
    tile = pyramid.tile(pyramid.num_levels - 1, 0)
    values = tile.values
    scale = color_scale([values], [pyramid.frontend])
    finite = values[np.isfinite(values)]
    return {
        "low": scale.low,
        "high": scale.high,
        "peak": float(finite.max()) if len(finite) else None,
        "label": scale.label,
        "complete": tile.complete,
    }


# Samples.


def _wave(call: Call) -> Response:
    level, index = call.whole("level", highest=40), call.whole("index")
    track, channel = call.recording.track(call.path["channel"])
    columns, complete = track.wave(channel, level, index)
    return array(
        columns,
        complete,
        columns=len(columns),
        samples_per_column=WAVE_SAMPLES << level,
        first_sample=index * WAVE_COLUMNS * (WAVE_SAMPLES << level),
    )


def _pcm(call: Call) -> Response:
    rate = call.whole("rate", 0)
    track, channel = call.recording.track(call.path["channel"], rate or None)
    first, count = call.whole("first", 0), call.whole("count", _MAX_SAMPLES, _MAX_SAMPLES)
    samples = track.samples(channel, first, first + count)
    size = len(samples)
    if call.query.get("format") == "int16":
        samples = np.round(np.nan_to_num(samples).clip(-1, 1) * 32767).astype(np.int16)
    return array(
        samples,
        track.complete or size == count,
        first_sample=first,
        samples=size,
        rate=track.sample_rate,
    )


# Definitions.


def _presets(call: Call) -> Response:
    found = []
    for name in presets.preset_names():
        preset = presets.describe(name)
        frontend = preset.frontend
        found.append(
            {
                "name": name,
                "group": preset.group,
                "summary": preset.summary,
                "rate": frontend.sample_rate,
                "per_clip": not frontend.streamable,
            }
        )
    return JSONResponse(found)


def _definition(call: Call) -> Response:
    frontend = definitions.parse(call.body)
    recording = call.session.recording(call.body["file"]) if "file" in call.body else None
    seconds, size = None, {}
    if recording is not None:
        seconds = recording.facts.duration or None
        size = call.session.size(recording, frontend)
    # The recording is resampled to the rate of the front end, so its own rate is no mistake.
    findings = [finding._asdict() for finding in (presets.find(frontend) or frontend).check(None, seconds)]
    call.session.add(frontend)
    return JSONResponse({"definition": definitions.describe(frontend), "findings": findings, **size})


ROUTES: dict[str, dict[str, Compute]] = {
    "/session": {"GET": _session},
    "/file/{file}": {"GET": _file},
    "/progress": {"GET": _progress},
    "/tile/{file}/{channel}/{definition}/{level}/{index}": {"GET": _tile},
    "/values/{file}/{channel}/{definition}": {"GET": _values},
    "/window/{file}/{channel}/{definition}": {"GET": _window},
    "/levels/{file}/{channel}/{definition}": {"GET": _levels},
    "/wave/{file}/{channel}/{level}/{index}": {"GET": _wave},
    "/pcm/{file}/{channel}": {"GET": _pcm},
    "/presets": {"GET": _presets},
    "/definition": {"POST": _definition},
}
"""Function for each address and method."""
