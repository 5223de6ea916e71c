"""What the viewer's server answers about labels, models, folders and verdicts."""

from __future__ import annotations

import csv
import io
from typing import Any

from starlette.responses import JSONResponse, Response

from sonogram.viewer.call import Call, Compute, array
from sonogram.viewer.errors import RefusedError
from sonogram.viewer.verdicts import COLUMNS

__all__ = ["ROUTES"]

_MAX_FILES = 200
_THUMBNAIL_COLUMNS = 256


# Labels.


def _read_labels(call: Call) -> Response:
    content, tag = call.session.labels(call.path["file"]).read()
    return JSONResponse(content, headers={"ETag": tag, "Cache-Control": "no-store"})


def _write_labels(call: Call) -> Response:
    store = call.session.labels(call.path["file"])
    content, tag = store.write(call.body.get("labels"), call.headers.get("if-match"))
    return JSONResponse(content, headers={"ETag": tag, "Cache-Control": "no-store"})


def _forget_labels(call: Call) -> Response:
    call.session.labels(call.path["file"]).forget()
    return Response(status_code=204)


def _manifest(call: Call) -> Response:
    """Answer with all labels of all files, as a manifest for training."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for identifier, recording in call.session.recordings.items():
        if recording.path is None or not call.session.labels(identifier).exists():
            continue
        path = call.session.verdicts.relative(recording.path)
        labels = call.session.labels(identifier).labels()
        rows.writerows((path, label.start, label.end, label.text) for label in labels if label.text)
    headers = {"Content-Disposition": 'attachment; filename="manifest.csv"', "Cache-Control": "no-store"}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


# Models.


def _scores(call: Call) -> Response:
    scorer = call.session.scorer(call.path["model"])
    rows, complete = scorer.read(call.path["file"], call.recording, call.whole("after", 0))
    return array(rows, complete, windows=len(rows), labels=len(scorer.labels))


def _events(call: Call) -> Response:
    scorer = call.session.scorer(call.path["model"])
    threshold = call.number("threshold", 0.5, highest=1)
    events, complete = scorer.events(call.path["file"], call.recording, threshold)
    return JSONResponse({"events": events, "complete": complete})


# Folders.


def _folder(call: Call) -> Response:
    session = call.session
    after, limit = call.whole("after", 0), call.whole("limit", 60, _MAX_FILES)
    names = _ordered(call, list(session.recordings))
    shown = names[after : after + limit]
    rest = after + len(shown) < len(names)
    files = [{**session.file(name), "thumbnail": True, **_summary(call, name)} for name in shown]
    return JSONResponse(
        {"files": files, "next": after + len(shown) if rest and shown else None, "num_files": len(names)}
    )


def _summary(call: Call, name: str) -> dict[str, Any]:
    scorer = call.session.scorers.get(call.query.get("model", ""))
    found = None if scorer is None else scorer.summary(name)
    return {} if found is None else {"score": found[0], "uncertainty": found[1]}


def _ordered(call: Call, names: list[str]) -> list[str]:
    order = call.query.get("order", "name")
    if order == "name":
        return names
    if order not in ("score", "uncertainty"):
        raise RefusedError(400, f"order must be name, score or uncertainty; got {order[:20]!r}")
    scorer = call.session.scorer(call.query.get("model", ""))
    for name, recording in call.session.recordings.items():
        scorer.request(name, recording)
    which = ("score", "uncertainty").index(order)
    known = {name: found[which] for name in names if (found := scorer.summary(name)) is not None}
    return sorted(names, key=lambda name: -known.get(name, -1.0))  # those without scores yet come last


def _thumbnail(call: Call) -> Response:
    values, low, high = call.session.thumbnails.read(call.recording)
    bands, columns = values.shape
    return array(values, bands=bands, columns=columns, low=low, high=high)


# Verdicts.


def _set_verdict(call: Call) -> Response:
    body = call.body
    start, end, label, decision = (body.get(name) for name in ("start", "end", "label", "verdict"))
    timed = all(type(value) in (int, float) for value in (start, end))
    if not (timed or (start is None and end is None)):
        raise RefusedError(422, "start and end of a verdict are seconds, or both null for the whole sound")
    if not isinstance(label, str) or not label.strip():
        raise RefusedError(422, "a verdict needs a label")
    if decision not in ("yes", "no", None):
        raise RefusedError(422, 'a verdict is "yes", "no" or null')
    verdict = call.session.verdict(
        str(body.get("file")), float(start) if timed else None, float(end) if timed else None, label.strip()
    )
    count = call.session.verdicts.set(verdict, decision)
    return JSONResponse({"count": count, "name": call.session.verdicts.path.name})


def _verdicts(call: Call) -> Response:
    verdicts, files = call.session.verdicts, call.session.recordings.items()
    known = {verdicts.relative(each.path): name for name, each in files if each.path is not None}
    found = [
        {
            "file": known[verdict.path],
            "start": verdict.start,
            "end": verdict.end,
            "label": verdict.label,
            "verdict": decision,
        }
        for verdict, decision in verdicts.items()
        if verdict.path in known
    ]
    return JSONResponse({"verdicts": found, "name": verdicts.path.name})


ROUTES: dict[str, dict[str, Compute]] = {
    "/labels/{file}": {"GET": _read_labels, "PUT": _write_labels},
    "/labels-journal/{file}": {"DELETE": _forget_labels},
    "/scores/{file}/{model}": {"GET": _scores},
    "/events/{file}/{model}": {"GET": _events},
    "/folder": {"GET": _folder},
    "/thumbnail/{file}": {"GET": _thumbnail},
    "/verdict": {"PUT": _set_verdict},
    "/verdicts": {"GET": _verdicts},
    "/export/manifest": {"GET": _manifest},
}
"""Function for each address and method."""
