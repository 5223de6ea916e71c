"""The application that answers requests to the viewer; `viewer/guard.py` decides who gets an answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sonogram.errors import SonogramError
from sonogram.viewer import routes_labels, routes_session, routes_sound
from sonogram.viewer.errors import RefusedError
from sonogram.viewer.pyramid import CancelledError
from sonogram.viewer.request import Handler, Request
from sonogram.viewer.session import Session
from sonogram.web import built

__all__ = ["build_application"]

_THREADS = 4
_SLOW, _SLOW_THREADS = ("thumbnail", "file", "window"), 2
"""Answers that may take seconds, and their own threads, so that no tile waits for them."""
_BODY_BYTES = {"definition": 1 << 20, "verdict": 1 << 16, "labels": 16 << 20}
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}


def build_application(session: Session) -> tuple[Starlette, tuple[ThreadPoolExecutor, ...]]:
    """Return the application, and the threads that compute its answers."""
    quick = ThreadPoolExecutor(_THREADS, thread_name_prefix="sonogram-answer")
    slow = ThreadPoolExecutor(_SLOW_THREADS, thread_name_prefix="sonogram-slow")

    def endpoint_of(handler: Handler, name: str) -> Callable[[HttpRequest], Awaitable[Response]]:
        limit, pool = _BODY_BYTES.get(name, 0), slow if name in _SLOW else quick

        async def endpoint(http: HttpRequest) -> Response:
            try:
                request = Request(
                    session,
                    {key: str(value) for key, value in http.path_params.items()},
                    dict(http.query_params),
                    dict(http.headers),
                    await _body(http, limit),
                )
                return await _compute(pool, http, handler, request)
            except RefusedError as refusal:
                return JSONResponse({"error": str(refusal), **refusal.content}, refusal.status)
            except CancelledError:
                return JSONResponse({"error": "the server is ending"}, 503)
            except SonogramError as error:
                return JSONResponse({"error": str(error)}, 422)
            except MemoryError:
                return JSONResponse({"error": "out of memory; look at a shorter part"}, 507)
            except OSError as error:
                reason = error.strerror or str(error)
                return JSONResponse({"error": f"the disk cannot be written or read ({reason})"}, 507)

        return endpoint

    routes = [Route("/", _page), Route("/page/{name}", _page)]
    for path, methods in (routes_session.ROUTES | routes_sound.ROUTES | routes_labels.ROUTES).items():
        name = path.split("/")[1]
        for method, handler in methods.items():
            routes.append(Route(path, endpoint_of(handler, name), methods=[method]))
    return Starlette(routes=routes, exception_handlers={404: _nothing, 405: _nothing, 500: _broken}), (
        quick,
        slow,
    )


async def _compute(
    pool: ThreadPoolExecutor, http: HttpRequest, handler: Handler, request: Request
) -> Response:
    """Compute an answer in a thread; stop when the page does not want it any more."""
    work = asyncio.get_running_loop().run_in_executor(pool, handler, request)
    while True:
        done, _ = await asyncio.wait({work}, timeout=0.05)
        if done:
            return work.result()
        if await http.is_disconnected():
            request.cancelled.set()
            work.cancel()
            return Response(status_code=499)


async def _body(request: HttpRequest, limit: int) -> Any:
    """Return the JSON of a request, at most `limit` bytes."""
    if request.method in ("GET", "HEAD", "DELETE"):
        return None
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise RefusedError(413, f"the content is too large; send at most {limit} bytes")
    try:
        plain = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, f"not JSON ({error})") from None
    if not isinstance(plain, dict):
        raise RefusedError(400, "the content must be a JSON object")
    return plain


async def _page(request: HttpRequest) -> Response:
    """Answer with a file of the page: one of those that are in its folder, never a path."""
    folder = resources.files("sonogram.viewer").joinpath("page")
    name = request.path_params.get("name", "index.html")
    if name == "engine.wasm":
        content = await asyncio.to_thread(built, name)
        return Response(content, media_type=_TYPES[".wasm"], headers={"Cache-Control": "no-cache"})
    for file in folder.iterdir() if folder.is_dir() else ():
        ending = file.name[file.name.rfind(".") :]
        if file.name == name and file.is_file() and ending in _TYPES:
            content = await asyncio.to_thread(file.read_bytes)
            return Response(content, media_type=_TYPES[ending], headers={"Cache-Control": "no-cache"})
    return JSONResponse({"error": "the page has no such file; install sonogram again"}, 404)


async def _nothing(request: HttpRequest, error: Exception) -> Response:
    return JSONResponse({"error": "nothing here; reload the page"}, getattr(error, "status_code", 404))


async def _broken(request: HttpRequest, error: Exception) -> Response:
    return JSONResponse({"error": f"a mistake in the program: {type(error).__name__}"}, 500)
