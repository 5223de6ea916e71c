"""What each address of the viewer's server answers: arrays as bytes, and JSON."""

from __future__ import annotations

import numpy as np
from starlette.responses import JSONResponse, Response

from sonogram import __version__, presets
from sonogram.errors import SonogramError
from sonogram.viewer import definitions, edits
from sonogram.viewer.band_pass import band_pass
from sonogram.viewer.call import Call, Compute, array
from sonogram.viewer.color_range import color_range
from sonogram.viewer.errors import RefusedError
from sonogram.viewer.pyramid import Pyramid
from sonogram.viewer.track import WAVE_COLUMNS, WAVE_SAMPLES
from sonogram.web import to_web

__all__ = ["ROUTES"]

_MAX_ROWS = 4096
_MAX_SAMPLES = 1 << 20
_MAX_WINDOW = 120.0


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
    if not tile.values.shape[1] and tile.complete and pyramid.num_frames:
        raise RefusedError(404, f"there is no tile {index} at level {level}; reload the page")
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
    return JSONResponse(color_range(_pyramid(call)))


# Samples.


def _wave(call: Call) -> Response:
    level, index = call.whole("level", highest=40), call.whole("index")
    track, channel = call.recording.track(call.path["channel"])
    columns, complete = track.wave(channel, level, index)
    if not len(columns) and complete and track.total:
        raise RefusedError(404, f"there is no waveform {index} at level {level}; reload the page")
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
    if "low" in call.query or "high" in call.query:
        low, high = call.number("low", 0), call.number("high", track.sample_rate / 2)
        samples = band_pass(
            lambda start, stop: track.samples(channel, start, stop),
            first,
            size,
            (low, high),
            track.sample_rate,
        )
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


def _program(call: Call) -> Response:
    """Answer with a definition for the engine of the page."""
    return JSONResponse(to_web(call.frontend))


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
    **edits.ROUTES,
    "/presets": {"GET": _presets},
    "/definition": {"POST": _definition},
    "/program/{definition}": {"GET": _program},
}
"""Function for each address and method."""
