"""A page in headless Chromium that sends what it computed to Python."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage")
TYPES = {
    **{".js": "text/javascript", ".json": "application/json", ".html": "text/html"},
    **{".mjs": "text/javascript", ".wasm": "application/wasm"},
}


def run_page(script: str, files: Mapping[str, bytes], profile: Path) -> Any:
    """Run a module in a page and return what it exports as `answer`.

    Not `--dump-dom`: on a busy machine it writes the page before the module has ended.

    Args:
        script: The module. `answer` is a value or a promise.
        files: Content by name, which the module can import or fetch.
        profile: Folder for Chromium.
    """
    page = """<!doctype html><script type="module">
        const send = (text) => fetch("/", { method: "POST", body: text });
        addEventListener("error", ({ message }) => send(JSON.stringify(message)));
        addEventListener("unhandledrejection", ({ reason }) => send(JSON.stringify(String(reason))));
        const { answer } = await import("./script.js");
        send(JSON.stringify(await answer));
    </script>"""
    pages = {**files, "index.html": page.encode(), "script.js": script.encode()}
    answers: queue.Queue[bytes] = queue.Queue()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(pages, answers))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/index.html"
    command = [CHROMIUM or "", *FLAGS, f"--user-data-dir={profile}", url]
    with server, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
        try:
            return json.loads(answers.get(timeout=300))
        finally:
            browser.terminate()
            server.shutdown()


def _handler(pages: Mapping[str, bytes], answers: queue.Queue[bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.removeprefix("/")
            content = pages.get(name)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", TYPES.get(Path(name).suffix, "application/octet-stream"))
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def do_POST(self) -> None:
            answers.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Write no line for each request."""

    return Handler
