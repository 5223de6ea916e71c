"""Features of one clip as a picture, in axes of the user's own, or in a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, overload

from sonogram.errors import SonogramError
from sonogram.files import Label
from sonogram.frontend import Frontend
from sonogram.picture.figure import stack
from sonogram.picture.panel import clip_panels
from sonogram.picture.style import Style, View
from sonogram.picture.write import check_path, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

    from sonogram.picture.canvas import Picture

__all__ = ["draw", "save"]


@overload
def draw(
    features: Any,
    frontend: Frontend,
    *,
    samples: Any = ...,
    title: str | None = ...,
    style: Style | None = ...,
    view: View | None = ...,
    labels: Sequence[Label] = ...,
    ax: None = ...,
) -> Picture: ...


@overload
def draw(
    features: Any,
    frontend: Frontend,
    *,
    title: str | None = ...,
    style: Style | None = ...,
    view: View | None = ...,
    labels: Sequence[Label] = ...,
    ax: Axes,
) -> AxesImage: ...


def draw(  # noqa: PLR0913
    features: Any,
    frontend: Frontend,
    *,
    samples: Any = None,
    title: str | None = None,
    style: Style | None = None,
    view: View | None = None,
    labels: Sequence[Label] = (),
    ax: Axes | None = None,
) -> Picture | AxesImage:
    """Return a picture of the features of one clip, which a notebook displays; or draw them into axes.

    Axes are in seconds and hertz, on every scale, so that `ax.axvline(0.5)` or `ax.axhline(1000)` are at the
    right place. For a color bar, pass the image that is returned: `figure.colorbar(image, ax=ax,
    label=image.get_label())`.

    Args:
        features: `(frames, bands)`, or `(channels, frames, bands)`: one panel for each channel.
        frontend: The definition of the features. It determines the axes and the unit.
        samples: The clip, `(samples,)` or `(channels, samples)`, to draw its waveform above the
            features; None draws none.
        title: Text above the picture.
        style: Colors, levels and size; None uses the defaults.
        view: Frequency axis and limits; None uses those of the definition.
        labels: Labels to draw over the features; see `sonogram.picture.read_labels`.
        ax: Axes of a figure of Matplotlib, for the features of one channel without waveform; None makes a
            picture. Size and resolution are those of the figure.

    Returns:
        A Matplotlib figure, which no window and no global state hold; with `ax` the image in it.

    Raises:
        SonogramError: There is no frame, or shapes do not fit.

    Example:
        >>> frontend = sg.Frontend(16000, 512, 128)
        >>> figure = draw(np.ones((100, 257)), frontend, title="a flat spectrum")
        >>> figure.axes[0].get_xlabel()
        'time (s)'

    See Also:
        `save`, which writes a file; `sonogram.show`, which reads sound files.
    """
    panels = [
        replace(panel, labels=tuple(labels)) for panel in clip_panels(features, frontend, samples, title)
    ]
    if ax is None:
        return stack(panels, style=style, view=view)
    from sonogram.picture.into_axes import draw_into  # it imports Matplotlib

    if not hasattr(ax, "imshow"):
        raise SonogramError(f"ax must be axes of a Matplotlib figure; got {type(ax).__name__}")
    if len(panels) > 1 or samples is not None:
        raise SonogramError("axes take the features of one channel, without samples; leave ax out for more")
    return draw_into(ax, panels[0], style or Style(), view or View())


def save(  # noqa: PLR0913
    features: Any,
    frontend: Frontend,
    path: str | os.PathLike[str],
    *,
    samples: Any = None,
    title: str | None = None,
    style: Style | None = None,
    view: View | None = None,
    labels: Sequence[Label] = (),
) -> None:
    """Draw the features of one clip into a file, with time and frequency axes.

    Linear features are shown in dB below their peak, others in their own unit.

    Args:
        features: `(frames, bands)`, or `(channels, frames, bands)`: one panel for each channel.
        frontend: The definition of the features. It determines the axes and the unit.
        path: Name of the file, ending in `.png`, `.svg` or `.pdf`; an existing file is replaced.
        samples: The clip, `(samples,)` or `(channels, samples)`, to draw its waveform above the
            features; None draws none.
        title: Text above the picture.
        style: Colors, levels and size; None uses the defaults.
        view: Frequency axis and limits; None uses those of the definition.
        labels: Labels to draw over the features.

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
    target = check_path(path)
    write(
        draw(features, frontend, samples=samples, title=title, style=style, view=view, labels=labels), target
    )
