"""Routes of the viewer's server to what is open: files, folders and definitions."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

from sonogram import presets
from sonogram.viewer import definitions
from sonogram.viewer.errors import RefusedError
from sonogram.viewer.request import Handler, Request, array_response
from sonogram.web import to_web

__all__ = ["ROUTES"]

_MAX_FILES = 200


def _session(request: Request) -> Response:
    return JSONResponse(request.session.describe())


def _file(request: Request) -> Response:
    return JSONResponse(request.session.sizes(request.path["file"]))


def _progress(request: Request) -> Response:
    recording = request.session.recording(request.query.get("file", "f0"))
    return JSONResponse(recording.progress())


# Folders.


def _folder(request: Request) -> Response:
    session = request.session
    after, limit = request.whole("after", 0), request.whole("limit", 60, _MAX_FILES)
    names = _ordered(request, list(session.recordings))
    shown = names[after : after + limit]
    rest = after + len(shown) < len(names)
    files = [{**session.file(name), "thumbnail": True, **_summary(request, name)} for name in shown]
    return JSONResponse(
        {"files": files, "next": after + len(shown) if rest and shown else None, "num_files": len(names)}
    )


def _summary(request: Request, name: str) -> dict[str, Any]:
    scorer = request.session.scorers.get(request.query.get("model", ""))
    found = None if scorer is None else scorer.summary(name)
    return {} if found is None else {"score": found[0], "uncertainty": found[1]}


def _ordered(request: Request, names: list[str]) -> list[str]:
    order = request.query.get("order", "name")
    if order == "name":
        return names
    if order not in ("score", "uncertainty"):
        raise RefusedError(400, f"order must be name, score or uncertainty; got {order[:20]!r}")
    scorer = request.session.scorer(request.query.get("model", ""))
    for name, recording in request.session.recordings.items():
        scorer.request(name, recording)
    which = ("score", "uncertainty").index(order)
    known = {name: found[which] for name in names if (found := scorer.summary(name)) is not None}
    return sorted(names, key=lambda name: -known.get(name, -1.0))  # those without scores yet come last


def _thumbnail(request: Request) -> Response:
    values, low, high = request.session.thumbnails.read(request.recording)
    bands, columns = values.shape
    return array_response(values, bands=bands, columns=columns, low=low, high=high)


# Definitions.


def _presets(request: Request) -> Response:
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


def _program(request: Request) -> Response:
    """Answer with a definition for the engine of the page."""
    return JSONResponse(to_web(request.frontend))


def _definition(request: Request) -> Response:
    frontend = definitions.parse(request.body)
    recording = request.session.recording(request.body["file"]) if "file" in request.body else None
    seconds, size = None, {}
    if recording is not None:
        seconds = recording.facts.duration or None
        size = request.session.size(recording, frontend)
    # The recording is resampled to the rate of the front end, so its own rate is no mistake.
    findings = [finding._asdict() for finding in (presets.find(frontend) or frontend).check(None, seconds)]
    request.session.add(frontend)
    return JSONResponse({"definition": definitions.describe(frontend), "findings": findings, **size})


ROUTES: dict[str, dict[str, Handler]] = {
    "/session": {"GET": _session},
    "/file/{file}": {"GET": _file},
    "/progress": {"GET": _progress},
    "/folder": {"GET": _folder},
    "/thumbnail/{file}": {"GET": _thumbnail},
    "/presets": {"GET": _presets},
    "/definition": {"POST": _definition},
    "/program/{definition}": {"GET": _program},
}
"""Function for each address and method."""
