"""A figure to a file: a PNG that appears whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonogram.errors import SonogramError
from sonogram.files import atomic_file
from sonogram.frontend import Frontend
from sonogram.picture.figure import draw
from sonogram.picture.look import Look

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["checked", "save", "write"]


def save(
    features: Any,
    frontend: Frontend,
    path: str | os.PathLike[str],
    *,
    samples: Any = None,
    title: str | None = None,
    look: Look | None = None,
) -> None:
    """Draw the features of one clip into a PNG file: seconds below, hertz at the side.

    Linear features are shown in decibels below their peak, others in their own unit.

    Args:
        features: `(frames, bands)`, or `(channels, frames, bands)`: one panel for each channel.
        frontend: The definition that made them: it knows the axes and the unit.
        path: Where to, ending in `.png`; an existing file is replaced.
        samples: The clip, `(samples,)` or `(channels, samples)`: its wave is drawn above; None
            draws none.
        title: What stands above.
        look: Colors and range; None takes the defaults.

    Raises:
        SonogramError: There is nothing to draw, shapes do not fit, or the file cannot be written.

    Example:
        >>> import tempfile, pathlib
        >>> frontend = sg.Frontend(16000, 512, 128)
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "noise.png"
        >>> save(frontend(np.random.default_rng(0).normal(size=16000)), frontend, path)
        >>> path.exists()
        True
    """
    target = checked(path)
    write(draw(features, frontend, samples=samples, title=title, look=look), target)


def checked(path: str | os.PathLike[str]) -> Path:
    """Return the path if a picture can stand there, before the work of making it.

    Raises:
        SonogramError: The ending is another, or there is no such folder.
    """
    target = Path(path)
    if target.suffix.lower() != ".png":
        raise SonogramError(f"{path}: a picture is written as PNG; name it {target.with_suffix('.png').name}")
    if target.is_dir():
        raise SonogramError(f"{path}: is a folder; name a file in it")
    if not target.parent.is_dir():
        raise SonogramError(f"{path}: there is no folder {target.parent}; make it first")
    return target


def write(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure that `draw` or `stack` made as PNG.

    Args:
        figure: The figure.
        path: Where to, ending in `.png`; an existing file is replaced in one moment.

    Raises:
        SonogramError: The file cannot be written: one line says why.
    """
    target = checked(path)
    try:
        with atomic_file(target) as file:
            figure.savefig(
                file,
                format="png",
                dpi="figure",
                metadata={"Software": "sonogram"},
                pil_kwargs={"compress_level": 3},  # a tenth larger than 6, in a third of the time
            )
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SonogramError(
            f"{path}: cannot be written ({reason}); check the disk and the permissions, "
            "or choose another place"
        ) from None
