"""Routes of the viewer's server to what the user writes: labels and verdicts."""

from __future__ import annotations

import csv
import io

from starlette.responses import JSONResponse, Response

from sonogram.viewer.errors import RefusedError
from sonogram.viewer.label_store import is_number
from sonogram.viewer.request import Handler, Request
from sonogram.viewer.verdicts import COLUMNS

__all__ = ["ROUTES"]


# Labels.


def _read_labels(request: Request) -> Response:
    content, tag = request.session.labels(request.path["file"]).read()
    return JSONResponse(content, headers={"ETag": tag, "Cache-Control": "no-store"})


def _write_labels(request: Request) -> Response:
    store = request.session.labels(request.path["file"])
    content, tag = store.write(request.body.get("labels"), request.headers.get("if-match"))
    return JSONResponse(content, headers={"ETag": tag, "Cache-Control": "no-store"})


def _forget_labels(request: Request) -> Response:
    request.session.labels(request.path["file"]).forget()
    return Response(status_code=204)


def _manifest(request: Request) -> Response:
    """Answer with all labels of all files, as a manifest for training."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for identifier, recording in request.session.recordings.items():
        if recording.path is None or not request.session.labels(identifier).exists():
            continue
        path = request.session.verdicts.relative(recording.path)
        labels = request.session.labels(identifier).labels()
        rows.writerows((path, label.start, label.end, label.text) for label in labels if label.text)
    headers = {"Content-Disposition": 'attachment; filename="manifest.csv"', "Cache-Control": "no-store"}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


# Verdicts.


def _set_verdict(request: Request) -> Response:
    body = request.body
    start, end, label, decision = (body.get(name) for name in ("start", "end", "label", "verdict"))
    timed = all(map(is_number, (start, end))) and 0 <= start <= end
    if not (timed or (start is None and end is None)):
        raise RefusedError(
            422, "start and end of a verdict are seconds in order, or both null for the whole sound"
        )
    if not isinstance(label, str) or not label.strip():
        raise RefusedError(422, "a verdict needs a label")
    if decision not in ("yes", "no", None):
        raise RefusedError(422, 'a verdict is "yes", "no" or null')
    verdict = request.session.verdict(
        str(body.get("file")), float(start) if timed else None, float(end) if timed else None, label.strip()
    )
    count = request.session.verdicts.set(verdict, decision)
    return JSONResponse({"count": count, "name": request.session.verdicts.path.name})


def _verdicts(request: Request) -> Response:
    verdicts, files = request.session.verdicts, request.session.recordings.items()
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


ROUTES: dict[str, dict[str, Handler]] = {
    "/labels/{file}": {"GET": _read_labels, "PUT": _write_labels},
    "/labels-journal/{file}": {"DELETE": _forget_labels},
    "/export/manifest": {"GET": _manifest},
    "/verdict": {"PUT": _set_verdict},
    "/verdicts": {"GET": _verdicts},
}
"""Function for each address and method."""
