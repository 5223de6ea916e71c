"""Pictures as PNG files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonogram.errors import SonogramError
from sonogram.files import atomic_file
from sonogram.frontend import Frontend
from sonogram.picture.style import Style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["check_path", "save", "write"]


def save(
    features: Any,
    frontend: Frontend,
    path: str | os.PathLike[str],
    *,
    samples: Any = None,
    title: str | None = None,
    style: Style | None = None,
) -> None:
    """Draw the features of one clip into a PNG file, with time and frequency axes.

    Linear features are shown in dB below their peak, others in their own unit.

    Args:
        features: `(frames, bands)`, or `(channels, frames, bands)`: one panel for each channel.
        frontend: The definition of the features. It determines the axes and the unit.
        path: Name of the file, ending in `.png`; an existing file is replaced.
        samples: The clip, `(samples,)` or `(channels, samples)`, to draw its waveform above the
            features; None draws none.
        title: Text above the picture.
        style: Colors and dynamic range; None uses the defaults.

    Raises:
        SonogramError: There is no frame, shapes do not fit, or the file cannot be written.

    Example:
        >>> import tempfile, pathlib
        >>> frontend = sg.Frontend(16000, 512, 128)
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "noise.png"
        >>> save(frontend(np.random.default_rng(0).normal(size=16000)), frontend, path)
        >>> path.exists()
        True

    See Also:
        `draw`, which returns the figure; `sonogram.show`, which reads sound files.
    """
    from sonogram.picture.figure import draw

    target = check_path(path)
    write(draw(features, frontend, samples=samples, title=title, style=style), target)


def check_path(path: str | os.PathLike[str]) -> Path:
    """Return the path if a picture can be written there, before the work of drawing it.

    Args:
        path: Name of a PNG file.

    Raises:
        SonogramError: The name does not end in `.png`, is a folder, or is in a folder that does not
            exist.
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
    """Write a figure that `draw`, `stack` or `sheet` returned as PNG.

    Args:
        figure: The figure.
        path: Name of the file, ending in `.png`. The file appears whole or not at all.

    Raises:
        SonogramError: The file cannot be written; the message states the reason.

    See Also:
        `save`, which draws and writes.
    """
    target = check_path(path)
    try:
        with atomic_file(target, sync=False) as file:
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
            "or choose another path"
        ) from None
