"""The function `sonogram.view`: recordings in the browser, from a program or a notebook."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Callable, Sequence
from typing import Any

from sonogram.frontend import Frontend
from sonogram.viewer.notebook import in_notebook, open_cell
from sonogram.viewer.opening import open_microphone, open_session
from sonogram.viewer.session import Source

__all__ = ["View", "view"]


class View:
    """A running viewer; `close` ends it. A notebook displays it.

    Args:
        end: Called by `close`.
        url: Address of its page; empty in a notebook.
        display: Returns what a notebook displays, by content type; None displays the address.
    """

    def __init__(
        self, end: Callable[[], None], url: str = "", display: Callable[..., Any] | None = None
    ) -> None:
        self._end, self._display = end, display
        self.url = url
        """Address of the page; whoever has it can see the recordings. Empty in a notebook."""

    def close(self) -> None:
        """End the viewer and remove what it decoded."""
        self._end()

    def __enter__(self) -> View:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"View({self.url})"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self._display(**options) if self._display else {"text/plain": repr(self)}


def view(
    source: Source | Sequence[Source],
    *,
    preset: str | Frontend | Sequence[str | Frontend] | None = None,
    labels: str | os.PathLike[str] | None = None,
    model: Any = None,
    verdicts: str | os.PathLike[str] | None = None,
    port: int = 0,
    open_browser: bool | None = None,
) -> View:
    """Show recordings in the browser: from hours to milliseconds, with the features that a model gets.

    The command `sonogram view` calls it. The server answers this machine alone, and only who knows the secret
    in the address. A notebook shows the page in the cell, without a server: with the extra `notebook` the
    kernel answers, without it the cell has one short recording inside, to look at and to listen to.

    Args:
        source: A sound file, an `Audio`, a sequence of these, or a folder. "microphone" records in the
            page and shows the features meanwhile, those of `Stream`; "./microphone" is a file.
        preset: Name of a published front end, a `Frontend`, or several of them, one pane each.
            None chooses a definition for viewing.
        labels: File or folder for the labels: Audacity label tracks, Raven selection tables or CSV tables.
            None is next to each sound.
        model: A Keras model, the path of a `.keras` file, or a list of these: their scores and events are
            drawn over the features.
        verdicts: CSV manifest for what you agree with, which `sonogram train` reads. None is `verdicts.csv`
            in the folder.
        port: Port on this machine; 0 takes a free one.
        open_browser: Whether to serve the page and to open it in the browser; False only serves it.
            None opens it, but in a notebook shows it in the cell.

    Returns:
        The running viewer, with its address.

    Raises:
        SonogramError: There is nothing to show, the port is taken, or an extra is missing.

    Example:
        >>> tone = np.sin(0.3 * np.arange(16000, dtype="float32"))
        >>> with sg.view(sg.Audio(tone, 16000), preset="whisper-80", open_browser=False) as viewer:
        ...     viewer.url.startswith("http://127.0.0.1:")
        True

    See Also:
        `sonogram.show`, for pictures.
    """
    if source == "microphone":
        session, is_cell = open_microphone(preset), False  # a frame must not record
    else:
        session = open_session(source, preset, labels=labels, verdicts=verdicts, model=model)
        is_cell = open_browser is None and in_notebook()
    if is_cell:
        display, end = open_cell(session)
        return View(end, display=display)
    from sonogram.viewer.server import Server  # needs the extra `view`, which pages in files do not

    server = Server(session, port=port)
    viewer = View(server.close, server.start())
    if open_browser is not False:
        webbrowser.open(viewer.url)
    return viewer
