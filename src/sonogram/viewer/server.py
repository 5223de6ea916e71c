"""The HTTP server of the viewer: on loopback, started and ended by a program or a notebook."""

from __future__ import annotations

import asyncio
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sonogram.errors import SonogramError, require_import
from sonogram.viewer.session import Session

with require_import("the viewer needs Starlette and uvicorn", 'pip install "sonogram[view]"'):
    import uvicorn

from sonogram.viewer.application import build_application
from sonogram.viewer.guard import Guard, allowed_hosts

__all__ = ["Server"]

_HOST = "127.0.0.1"
_GRACE = 0.3
"""Seconds that requests under way have to end after a signal."""


class _Uvicorn(uvicorn.Server):
    """A server without signal handlers: uvicorn's end the program with the signal, not with exit code 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server:
    """Serves a session on this machine alone.

    Args:
        session: What is open.
        port: Port; 0 takes a free one.

    Raises:
        SonogramError: The port is taken.
    """

    def __init__(self, session: Session, port: int = 0) -> None:
        self.session = session
        self._socket = _bind(port)
        self.port: int = self._socket.getsockname()[1]
        """The port."""
        token = secrets.token_urlsafe(16)
        self.url = f"http://{_HOST}:{self.port}/{token}/"
        """Address of the page, with a secret of 128 bits."""
        application, self._pools = build_application(session)
        guarded: Any = Guard(application, token, allowed_hosts(self.port))
        config = uvicorn.Config(
            guarded,
            log_level="critical",
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            timeout_keep_alive=30,
            ws="none",
        )
        self._server = _Uvicorn(config)
        self._thread: threading.Thread | None = None

    def run(self, ready: Callable[[str], None]) -> None:
        """Serve in this thread until Ctrl-C or SIGTERM.

        Args:
            ready: Called with the address when the server answers.
        """
        asyncio.run(self._serve(ready, signals=True))
        self.close()

    async def _serve(self, ready: Callable[[str], None], *, signals: bool) -> None:
        loop = asyncio.get_running_loop()
        if signals:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self._end, loop)
        serving = asyncio.ensure_future(self._server.serve(sockets=[self._socket]))
        while not self._server.started and not serving.done():
            await asyncio.sleep(0.005)
        if not serving.done():
            ready(self.url)
        await serving

    def _end(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._server.should_exit = True
        self.session.close()  # tiles under way end at their next block
        if loop is not None:
            loop.call_later(_GRACE, setattr, self._server, "force_exit", True)

    def start(self) -> str:
        """Serve in a thread of its own, as in a notebook, and return the address."""
        started = threading.Event()

        def run() -> None:
            asyncio.run(self._serve(lambda _: started.set(), signals=False))

        self._thread = threading.Thread(target=run, name="sonogram-server", daemon=True)
        self._thread.start()
        if not started.wait(10):
            raise SonogramError("the viewer's server did not start; try again")
        return self.url

    def close(self) -> None:
        """End the server and all work for it."""
        self._end()
        self._server.force_exit = True
        for pool in self._pools:
            pool.shutdown(wait=False, cancel_futures=True)
        if self._thread is not None:
            self._thread.join(5)
        self._socket.close()


def _bind(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((_HOST, port))
    except OSError as error:
        bound.close()
        reason = error.strerror or str(error)
        raise SonogramError(f"port {port} on {_HOST} cannot be used ({reason}); choose another one") from None
    return bound
