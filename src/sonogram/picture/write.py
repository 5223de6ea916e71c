"""Pictures as PNG, SVG and PDF files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonogram.errors import SonogramError
from sonogram.files import atomic_file, disk_remedy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FORMATS", "check_path", "write"]

FORMATS = (".png", ".svg", ".pdf")
"""Endings of pictures. SVG and PDF have text and lines that stay sharp at any size."""
_OPTIONS: dict[str, dict[str, Any]] = {
    ".png": {
        "metadata": {"Software": "sonogram"},
        "pil_kwargs": {"compress_level": 3},  # a tenth larger than 6, in a third of the time
    },
    # Without dates: equal pictures are equal files.
    ".svg": {"metadata": {"Creator": "sonogram", "Date": None}},
    ".pdf": {"metadata": {"Creator": "sonogram", "CreationDate": None}},
}
_SETTINGS: Any = {
    "savefig.bbox": None,  # the user's settings would move what stands at whole pixels
    "pdf.fonttype": 42,  # journals refuse fonts of type 3
    "svg.hashsalt": "sonogram",
}


def check_path(path: str | os.PathLike[str]) -> Path:
    """Return the path if a picture can be written there, before the work of drawing it.

    Args:
        path: Name of a PNG, SVG or PDF file.

    Raises:
        SonogramError: The name has another ending, is a folder, or is in a folder that does not exist.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise SonogramError(f"a picture is written to the path of a file; got {path!r:.80}")
    target = Path(path)
    if not os.fspath(path):
        raise SonogramError("the name of the picture is empty; name it, such as picture.png")
    if target.suffix.lower() not in FORMATS:
        better = target.with_suffix(".png").name
        raise SonogramError(f"{path}: a picture is written as PNG, SVG or PDF; name it {better}")
    if target.is_dir():
        raise SonogramError(f"{path}: is a folder; name a file in it")
    if not target.parent.is_dir():
        raise SonogramError(f"{path}: there is no folder {target.parent}; make it first")
    return target


def write(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure that `draw`, `stack` or `sheet` returned.

    Args:
        figure: The figure.
        path: Name of the file, ending in `.png`, `.svg` or `.pdf`. The file appears whole or not at all.

    Raises:
        SonogramError: The file cannot be written; the message states the reason.

    See Also:
        `save`, which draws and writes.
    """
    import matplotlib as mpl

    target = check_path(path)
    ending = target.suffix.lower()
    try:
        with mpl.rc_context(_SETTINGS), atomic_file(target, sync=False) as file:
            figure.savefig(file, format=ending[1:], dpi="figure", **_OPTIONS[ending])
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SonogramError(
            f"{path}: cannot be written ({reason}); {disk_remedy(error)}, or choose another path"
        ) from None
