"""The viewer in a notebook: as a widget, or without anywidget as a page that is stored in the notebook."""

from __future__ import annotations

import html
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from sonogram.errors import SonogramError
from sonogram.viewer.session import Session

__all__ = ["in_notebook", "open_cell"]

_MAX_BYTES = 10 << 20
_REMEDY = 'pip install "sonogram[notebook]" for that, or use open_browser=True'
_STYLE = "width:100%;height:600px;border:0;border-radius:6px"

Display = Callable[..., Any]
Close = Callable[[], None]


def in_notebook() -> bool:
    """Whether this program is the kernel of a notebook, which displays what a cell returns."""
    ipython = sys.modules.get("IPython")
    return hasattr(ipython.get_ipython(), "kernel") if ipython else False  # IPython's terminal has none


def open_cell(session: Session) -> tuple[Display, Close]:
    """Return what displays a session in a cell, and what ends it.

    With anywidget it is a widget, which asks the kernel for what is looked at. Without, it is the page of
    `sonogram show --html`, which the notebook stores.

    Raises:
        SonogramError: anywidget is missing, and the session does not fit into a page.
    """
    if find_spec("anywidget") and find_spec("starlette"):
        from sonogram.viewer.widget import Widget  # needs the extra `notebook`

        widget = Widget(session)
        return widget._repr_mimebundle_, widget.close
    try:
        content = _frame(session)
    finally:
        session.close()
    return lambda **_: {"text/html": content, "text/plain": session.title}, lambda: None


def _frame(session: Session) -> str:
    """Return a frame with the page of a short recording."""
    from sonogram.viewer.html import full_page

    if len(session.recordings) != 1 or session.scorers:
        what = "models are" if session.scorers else "a folder, or several recordings, are"
        raise SonogramError(f"{what} not shown in a notebook without anywidget; {_REMEDY}")
    page = full_page(session)
    if len(page) > _MAX_BYTES:
        raise SonogramError(
            f"{session.title}: its page would take {len(page) / 1e6:.0f} MB of the notebook "
            f"(at most {_MAX_BYTES / 1e6:.0f} MB); anywidget shows recordings of any length: {_REMEDY}"
        )
    # Without the right "allow-same-origin" the page reaches nothing of the notebook.
    return (
        f'<iframe sandbox="allow-scripts allow-downloads" allow="autoplay" style="{_STYLE}" '
        f'srcdoc="{html.escape(page)}"></iframe>'
    )
