"""Pictures as the tests see them: pixels, and where the ticks stand among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Pixels = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """A drawn figure: its pixels from the top, and its axes by name."""

    figure: Any
    rgb: Pixels

    def axes(self, label: str = "spectrogram 0") -> Any:
        """The axes of that label."""
        return next(axes for axes in self.figure.axes if axes.get_label() == label)

    def box(self, label: str = "spectrogram 0") -> tuple[int, int, int, int]:
        """Left, right, top and bottom of axes, pixels from the upper left corner."""
        bounds = self.axes(label).get_window_extent()
        height = len(self.rgb)
        edges = (bounds.x0, bounds.x1, height - bounds.y1, height - bounds.y0)
        assert np.allclose(edges, np.round(edges), atol=1e-6), "axes between two pixels blur"
        return tuple(round(edge) for edge in edges)

    def brightness(self, label: str = "spectrogram 0") -> Pixels:
        """The sum of red, green and blue inside axes, (rows from the top, columns)."""
        left, right, top, bottom = self.box(label)
        return self.rgb[top:bottom, left:right].sum(axis=2)

    def column(self, seconds: float, label: str = "spectrogram 0") -> float:
        """Where a moment stands by what the ticks say: pixels from the first of `brightness`."""
        axes = self.axes(label)
        moments = [float(tick.get_text()) for tick in axes.get_xticklabels()]
        places = [axes.transData.transform((place, 0))[0] for place in axes.get_xticks()]
        slope = (places[-1] - places[0]) / (moments[-1] - moments[0])
        return places[0] + (seconds - moments[0]) * slope - self.box(label)[0]

    def row(self, hertz: str, label: str = "spectrogram 0") -> float:
        """Where the tick named `hertz` stands: pixels from the first row of `brightness`."""
        axes = self.axes(label)
        names = [tick.get_text() for tick in axes.get_yticklabels()]
        place = axes.get_yticks()[names.index(hertz)]
        return len(self.rgb) - axes.transData.transform((0, place))[1] - self.box(label)[2]


@pytest.fixture(scope="session")
def render() -> Callable[[Any], Drawn]:
    """Draw a figure."""

    def drawn(figure: Any) -> Drawn:
        figure.canvas.draw()
        return Drawn(figure, np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(np.float64))

    return drawn


@pytest.fixture(scope="session")
def tone() -> Callable[..., npt.NDArray[np.float32]]:
    """A tone from one moment to another, in silence."""

    def samples(
        hertz: float, start: float, stop: float, *, duration: float = 2.0, rate: int = 16_000
    ) -> npt.NDArray[np.float32]:
        time = np.arange(round(duration * rate)) / rate
        sounding = (time >= start) & (time < stop)
        return (0.5 * np.sin(2 * np.pi * hertz * time) * sounding).astype(np.float32)

    return samples
