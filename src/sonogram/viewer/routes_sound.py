"""Routes of the viewer's server to a recording over time: features, samples, and scores of models."""

from __future__ import annotations

import numpy as np
from starlette.responses import JSONResponse, Response

from sonogram import __version__
from sonogram.errors import SonogramError
from sonogram.viewer.band_pass import band_pass
from sonogram.viewer.color_range import color_range
from sonogram.viewer.errors import RefusedError
from sonogram.viewer.pyramid import Pyramid
from sonogram.viewer.request import Handler, Request, array_response
from sonogram.viewer.track import WAVE_COLUMNS, WAVE_SAMPLES

__all__ = ["ROUTES"]

_MAX_ROWS = 4096
_MAX_SAMPLES = 1 << 20
_MAX_WINDOW = 120.0


# Features.


def _pyramid(request: Request) -> Pyramid:
    pyramid = request.recording.pyramid(request.path["channel"], request.frontend)
    if pyramid.error is not None:
        raise SonogramError(pyramid.error)
    return pyramid


def _tile(request: Request) -> Response:
    level, index = request.whole("level", highest=40), request.whole("index")
    recording, definition = request.recording, request.path["definition"]
    place = f"{request.path['channel']}-{level}-{index}"
    tag = f'"{definition}-{recording.digest}-{place}-{__version__}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag, "Cache-Control": "private, no-cache"})
    pyramid = _pyramid(request)
    tile = pyramid.tile(level, index, request.cancelled)
    if not tile.values.shape[1] and tile.complete and pyramid.num_frames:
        raise RefusedError(404, f"there is no tile {index} at level {level}; reload the page")
    bands, columns = tile.values.shape
    return array_response(
        tile.values,
        tile.complete,
        tag,
        first_frame=tile.first_frame,
        frames_per_column=tile.frames_per_column,
        columns=columns,
        bands=bands,
    )


def _values(request: Request) -> Response:
    first, count = request.whole("first", 0), request.whole("count", _MAX_ROWS, _MAX_ROWS)
    rows, complete = _pyramid(request).values(first, count)
    return array_response(rows, complete, first_frame=first, frames=len(rows), bands=rows.shape[1])


def _window(request: Request) -> Response:
    """Answer with the features of a part alone, as a model that gets this part computes them."""
    frontend, recording = request.frontend, request.recording
    track, channel = recording.track(request.path["channel"], int(frontend.sample_rate))
    start = round(request.number("start") * track.sample_rate)
    stop = start + round(request.number("seconds", highest=_MAX_WINDOW) * track.sample_rate)
    samples = track.samples(channel, start, stop)
    rows = frontend(samples)
    return array_response(
        rows,
        track.complete or len(samples) == stop - start,
        frames=len(rows),
        bands=rows.shape[1],
        start=start / track.sample_rate,
        seconds=len(samples) / track.sample_rate,
    )


def _levels(request: Request) -> Response:
    return JSONResponse(color_range(_pyramid(request)))


# Samples.


def _wave(request: Request) -> Response:
    level, index = request.whole("level", highest=40), request.whole("index")
    track, channel = request.recording.track(request.path["channel"])
    columns, complete = track.wave(channel, level, index)
    if not len(columns) and complete and track.total:
        raise RefusedError(404, f"there is no waveform {index} at level {level}; reload the page")
    return array_response(
        columns,
        complete,
        columns=len(columns),
        samples_per_column=WAVE_SAMPLES << level,
        first_sample=index * WAVE_COLUMNS * (WAVE_SAMPLES << level),
    )


def _pcm(request: Request) -> Response:
    rate = request.whole("rate", 0)
    track, channel = request.recording.track(request.path["channel"], rate or None)
    first, count = request.whole("first", 0), request.whole("count", _MAX_SAMPLES, _MAX_SAMPLES)
    samples = track.samples(channel, first, first + count)
    size = len(samples)
    if "low" in request.query or "high" in request.query:
        low, high = request.number("low", 0), request.number("high", track.sample_rate / 2)
        samples = band_pass(
            lambda start, stop: track.samples(channel, start, stop),
            first,
            size,
            (low, high),
            track.sample_rate,
        )
    if request.query.get("format") == "int16":
        samples = np.round(np.nan_to_num(samples).clip(-1, 1) * 32767).astype(np.int16)
    return array_response(
        samples,
        track.complete or size == count,
        first_sample=first,
        samples=size,
        rate=track.sample_rate,
    )


# Models.


def _scores(request: Request) -> Response:
    scorer = request.session.scorer(request.path["model"])
    rows, complete = scorer.read(request.path["file"], request.recording, request.whole("after", 0))
    return array_response(rows, complete, windows=len(rows), labels=len(scorer.labels))


def _events(request: Request) -> Response:
    scorer = request.session.scorer(request.path["model"])
    threshold = request.number("threshold", 0.5, highest=1)
    events, complete = scorer.events(request.path["file"], request.recording, threshold)
    return JSONResponse({"events": events, "complete": complete})


ROUTES: dict[str, dict[str, Handler]] = {
    "/tile/{file}/{channel}/{definition}/{level}/{index}": {"GET": _tile},
    "/values/{file}/{channel}/{definition}": {"GET": _values},
    "/window/{file}/{channel}/{definition}": {"GET": _window},
    "/levels/{file}/{channel}/{definition}": {"GET": _levels},
    "/wave/{file}/{channel}/{level}/{index}": {"GET": _wave},
    "/pcm/{file}/{channel}": {"GET": _pcm},
    "/scores/{file}/{model}": {"GET": _scores},
    "/events/{file}/{model}": {"GET": _events},
}
"""Function for each address and method."""
