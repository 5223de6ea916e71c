"""The color bar of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sonogram.picture.color_scale import ColorScale
from sonogram.picture.style import FAINT, INK
from sonogram.picture.text import families

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["color_bar", "extend_of", "set_ticks"]

_EXTEND: dict[tuple[bool, bool], Any] = {
    (False, False): "neither",
    (True, False): "min",
    (False, True): "max",
    (True, True): "both",
}


def extend_of(scale: ColorScale) -> Any:
    """Return which ends of a color bar are arrows: values beyond them are clipped."""
    return _EXTEND[scale.clipped]


def color_bar(
    figure: Figure,
    box: tuple[float, float, float, float],
    height: int,
    scale: ColorScale,
    colors: str,
    text: float = 1.0,
) -> None:
    """Draw the color bar.

    Args:
        figure: The picture.
        box: Left, bottom, width and height, as fractions of the picture.
        height: Height in pixels.
        scale: The color scale.
        colors: Name of the color map in Matplotlib.
        text: Factor of the size of the text.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    axes = figure.add_axes(box, label="color bar")
    bar = figure.colorbar(
        ScalarMappable(Normalize(scale.low, scale.high), colors),
        cax=axes,
        extend=extend_of(scale),
        extendfrac=12 / height,
    )
    set_ticks(axes, text)
    ticks = _ticks(scale, max(2, min(9, height // 60)))
    bar.set_ticks(ticks, labels=[f"{tick:g}".replace("-", "\N{MINUS SIGN}") for tick in ticks])
    axes.minorticks_off()
    bar.set_label(scale.label, fontsize=8 * text, color=FAINT, labelpad=6 * text, family=families(""))


def set_ticks(axes: Axes, text: float) -> None:
    """Set color and size of the ticks of axes, and hide their frame.

    Args:
        axes: The axes.
        text: Factor of the size of the text.
    """
    axes.spines[:].set_visible(False)
    axes.tick_params(
        length=3 * text, width=0.5, color=FAINT, labelcolor=INK, labelsize=7.5 * text, pad=3 * text
    )
    axes.tick_params(labelfontfamily=families(""))


def _ticks(scale: ColorScale, count: int) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    ticks = MaxNLocator(nbins=count, steps=[1, 2, 5, 10]).tick_values(scale.low, scale.high)
    slack = 1e-9 * (scale.high - scale.low)
    return [float(f"{tick:.10g}") for tick in ticks if scale.low - slack <= tick <= scale.high + slack]
