"""The viewer's answers without a server, for a page whose requests come another way, such as a notebook's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from sonogram.viewer.application import build_application
from sonogram.viewer.session import Session

__all__ = ["Answer", "InProcess"]


@dataclass(frozen=True)
class Answer:
    """An answer of the viewer."""

    status: int
    """HTTP status."""
    headers: Mapping[str, str]
    """Headers, with names in lower case."""
    content: bytes
    """JSON, or numbers as the page reads them."""


class InProcess:
    """Computes the answers of a session in threads of this process.

    Args:
        session: What is open. `close` closes it.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._application, self._pools = build_application(session)
        self._loop = asyncio.new_event_loop()
        self._gone: dict[str, asyncio.Event] = {}
        self._thread = threading.Thread(target=self._run, name="sonogram-notebook", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.close()

    def request(self, name: str, request: Mapping[str, Any], reply: Callable[[Answer], None]) -> None:
        """Compute the answer to a request.

        Args:
            name: Name for `abort`.
            request: "path" relative to the page, and optionally "method", "headers" and "body" as text.
            reply: Called with the answer, in another thread. An aborted request has none.
        """
        path, body = urlsplit(str(request.get("path"))), str(request.get("body") or "").encode()
        headers = {str(key): str(value) for key, value in (request.get("headers") or {}).items()}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": str(request.get("method") or "GET"),
            "scheme": "http",
            "path": "/" + unquote(path.path),
            "raw_path": b"/" + path.path.encode(),
            "root_path": "",
            "query_string": path.query.encode(),
            "headers": [(key.lower().encode(), value.encode("latin-1")) for key, value in headers.items()],
        }
        if not self._loop.is_closed():
            self._gone[name] = asyncio.Event()
            asyncio.run_coroutine_threadsafe(self._answer(name, scope, body, reply), self._loop)

    def abort(self, name: str) -> None:
        """Stop computing an answer."""

        def leave() -> None:
            if gone := self._gone.get(name):
                gone.set()

        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(leave)

    async def _answer(
        self, name: str, scope: dict[str, Any], body: bytes, reply: Callable[[Answer], None]
    ) -> None:
        gone = self._gone[name]
        unread = [body]
        status, headers, content = 500, {}, b""

        async def receive() -> dict[str, Any]:
            if unread:
                return {"type": "http.request", "body": unread.pop(), "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            nonlocal status, headers, content
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = {key.decode().lower(): value.decode("latin-1") for key, value in message["headers"]}
            else:
                content += message.get("body", b"")

        try:
            await self._application(scope, receive, send)
        finally:
            del self._gone[name]
        if not gone.is_set():
            reply(Answer(status, headers, content))

    def close(self) -> None:
        """End all work and close the session."""
        self._session.close()
        for pool in self._pools:
            pool.shutdown(wait=False, cancel_futures=True)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
