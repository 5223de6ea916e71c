"""The page as one text: with its engine and a recording inside, it needs no server and no network."""

from __future__ import annotations

import json
import os
from importlib import resources
from typing import Any

from sonogram.errors import SonogramError
from sonogram.files import write_text
from sonogram.frontend import Frontend
from sonogram.transform import ConstantQ
from sonogram.viewer.color_range import color_range
from sonogram.viewer.compact import compact, packed
from sonogram.viewer.definitions import identifier
from sonogram.viewer.opening import open_session
from sonogram.viewer.recording import MIX, Recording
from sonogram.viewer.session import Session, Source
from sonogram.viewer.stored_tiles import stored_tiles
from sonogram.web import built, to_web

__all__ = ["empty_page", "full_page", "save_page"]

_MAX_BYTES = 60 << 20
_MAX_VALUES = 1 << 27
"""Features of one definition, which the page computes when it opens and keeps."""
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
        write_text(path, full_page(session))
    finally:
        session.close()


def full_page(session: Session) -> str:
    """Return the page with the first recording of a session inside.

    Raises:
        SonogramError: The recording cannot be read, or is too long for one page.
    """
    # In HTML only `<` could end the element; in JSON it can be written as an escape.
    data = json.dumps(_content(session), allow_nan=False).replace("<", "\\u003c")
    if len(data) > _MAX_BYTES:
        _refuse(session.title, len(data))
    return _inline(f'<script type="application/json" id="sonogram-data">{data}</script>\n')


def empty_page() -> str:
    """Return the page with its script and style inside, for a frame that gives it a connection."""
    return _inline("")


def _content(session: Session) -> dict[str, Any]:
    """Return what the page gets from a server, as one object."""
    recording = session.recording("f0")
    _check_size(recording, session.frontends)
    track, _ = recording.track(MIX)
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
    programs = {name: _program(pyramid.frontend) for name, pyramid in pyramids.items()}
    for definition in described["definitions"]:
        if programs[definition["id"]] is not None:
            definition["engine"] = "WebAssembly"
    return {
        "session": {**described, "files": [facts], "readonly": True},
        "file": facts,
        "labels": found,
        "levels": {name: color_range(pyramid) for name, pyramid in pyramids.items()},
        "sound": {"rate": track.sample_rate, **compact(track.samples(0, 0, track.total))},
        "engine": packed(built("engine.wasm")),
        "programs": {name: program for name, program in programs.items() if program is not None},
        "tiles": [
            tile
            for name, pyramid in pyramids.items()
            if programs[name] is None
            for tile in stored_tiles(name, pyramid)
        ],
    }


def _program(frontend: Frontend) -> str | None:
    """Return a definition for the engine of the page; None if tiles take less space, or it lacks a stage."""
    if isinstance(frontend.transform, ConstantQ):
        return None
    try:
        return packed(json.dumps(to_web(frontend)).encode())
    except SonogramError:
        return None


def _check_size(recording: Recording, frontends: list[Frontend]) -> None:
    """Refuse a recording whose page or features would not fit, before they are computed."""
    facts = recording.facts
    size = facts.num_samples * 4 / 3  # compression at most halves 16 bits
    if size > 2 * _MAX_BYTES:
        _refuse(recording.name, size)
    for frontend in frontends:
        values = facts.duration / frontend.frame_period * frontend.num_bands
        if values > _MAX_VALUES:
            raise SonogramError(
                f"{recording.name}: its features would take {4 * values / 1e6:.0f} MB in the browser "
                f"(at most {4 * _MAX_VALUES / 1e6:.0f} MB); choose a part with --start and --duration, "
                "or a front end with fewer bands, or open it with `sonogram view`"
            )


def _refuse(name: str, size: float) -> None:
    raise SonogramError(
        f"{name}: its page would have {size / 1e6:.0f} MB, more than browsers open well "
        f"({_MAX_BYTES / 1e6:.0f} MB); choose a part with --start and --duration, or open it with "
        "`sonogram view`"
    )


def _inline(data: str) -> str:
    """Return the page with its script, its style and the element `data` inside."""
    folder = resources.files("sonogram.viewer").joinpath("page")
    if not folder.joinpath("index.html").is_file():
        raise SonogramError("the page of the viewer is not installed; install sonogram again")
    page, script, style = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("index.html", "view.js", "view.css")
    )
    script = script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    page = _replace(page, '<link rel="stylesheet" href="page/view.css" />', f"<style>{style}</style>")
    page = _replace(page, '<script defer src="page/view.js"></script>', f"{data}<script>{script}</script>")
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}" />'
    return _replace(page, '<meta charset="utf-8" />', f'<meta charset="utf-8" />\n    {policy}')


def _replace(page: str, old: str, new: str) -> str:
    if page.count(old) != 1:
        raise SonogramError(f"the page of the viewer lacks {old}; install sonogram again")
    return page.replace(old, new)
