"""The viewer in a cell of Jupyter, VS Code or Colab; the page sends its requests through the kernel.

A port of the kernel's machine cannot be reached from the browser when the kernel runs elsewhere; the kernel's
own connection always can. The state of the widget, which notebooks store, has the size of its small script.
"""

from __future__ import annotations

from importlib import resources
from typing import Any

from sonogram.errors import require_import
from sonogram.viewer.html import empty_page
from sonogram.viewer.session import Session

with require_import("the viewer in a notebook needs anywidget", 'pip install "sonogram[notebook]"'):
    import anywidget

from sonogram.viewer.in_process import Answer, InProcess

__all__ = ["Widget"]


class Widget(anywidget.AnyWidget):
    """The page of the viewer as a widget.

    A message from the page is `{"id", "path", "method", "headers", "body"}`, or `{"id", "abort": true}`.
    The answer is `{"id", "status", "headers"}` and the content as one buffer. "inline.html" is the page.

    Args:
        session: What is open. Closing the widget closes it.
    """

    _esm = resources.files("sonogram.viewer").joinpath("page", "widget.js").read_text(encoding="utf-8")

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._answers = InProcess(session)
        self.on_msg(self._receive)

    def _receive(self, _: Any, message: Any, buffers: Any) -> None:
        name = str(message.get("id"))
        if message.get("abort"):
            self._answers.abort(name)
        elif message.get("path") == "inline.html":
            self._reply(name, Answer(200, {"content-type": "text/html"}, empty_page().encode()))
        else:
            self._answers.request(name, message, lambda answer: self._reply(name, answer))

    def _reply(self, name: str, answer: Answer) -> None:
        self.send(
            {"id": name, "status": answer.status, "headers": dict(answer.headers)}, buffers=[answer.content]
        )

    def close(self) -> None:
        """End all work, and remove the widget from the page."""
        if answers := vars(self).get("_answers"):  # closed by its base when it could not be made
            answers.close()
        super().close()
