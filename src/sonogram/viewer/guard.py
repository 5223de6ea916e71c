"""`Guard`: refuses requests that are not from our own page, before anything looks at them.

A page of any other site can send requests to this machine, and by DNS rebinding even read the answers. So
the host must be the one that the server is bound to, which the program knows and no header says, writes must
come from our own page, and each address holds a secret.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse

__all__ = ["Guard", "allowed_hosts"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
        "img-src 'self' data: blob:; media-src blob:; connect-src 'self'; worker-src 'self' blob:; "
        "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}
_SAFE = ("GET", "HEAD")


def allowed_hosts(port: int) -> frozenset[str]:
    """Return the values of `Host` for a server on a port of this machine: the names of loopback.

    Args:
        port: The port. The header leaves out port 80.
    """
    names = frozenset({"127.0.0.1", "localhost", "[::1]"})
    return frozenset(f"{name}:{port}" for name in names) | (names if port == 80 else frozenset())


class Guard:
    """Checks host, origin and token, and adds the headers that protect the page.

    Args:
        application: What answers; the path that it gets begins after the token.
        token: The secret in the path.
        hosts: Allowed values of the header `Host`.
    """

    def __init__(self, application: Application, token: str, hosts: frozenset[str]) -> None:
        self._application, self._token, self._hosts = application, token, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no web sockets
            return

        async def protect(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
                message["headers"] = [*message.get("headers", ()), *own]
            await send(message)

        answer = self._refusal(scope)
        if answer is not None:
            await answer(scope, receive, protect)
            return
        if scope["path"] == "/health":
            await PlainTextResponse("ok")(scope, receive, protect)
            return
        inner = dict(scope)
        inner["path"] = inner["path"][len(self._token) + 1 :]
        inner["root_path"], inner["raw_path"] = "", inner["path"].encode()
        await self._application(inner, receive, protect)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers: dict[bytes, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name, []).append(value.decode("latin-1").strip().lower())
        hosts, origins = headers.get(b"host", []), headers.get(b"origin", [])
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return _refuse(403, "wrong host; open the address that `sonogram view` printed")
        if any(origin.partition("://")[2] not in self._hosts for origin in origins):
            return _refuse(403, "this request comes from another site")
        if scope["method"] not in _SAFE and not origins:
            return _refuse(403, "a write must come from the page itself")
        if scope["path"] == "/health":
            return None
        first = scope["path"].split("/", 2)[1:2]
        given = first[0].encode("utf-8", "replace") if first else b""
        if not hmac.compare_digest(given, self._token.encode()):
            return _refuse(404, "nothing here; open the address that `sonogram view` printed")
        return None


def _refuse(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status)
