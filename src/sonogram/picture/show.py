"""The function `sonogram.show`: recordings, or a folder of them, in one picture."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonogram.audio import Audio, SoundSource
from sonogram.definitions import AnyFrontend
from sonogram.errors import SonogramError
from sonogram.files import Label, labels_of, read_labels
from sonogram.frontend import Frontend
from sonogram.peers import with_known_keywords
from sonogram.picture import sharpened
from sonogram.picture.arguments import ArgumentError, check_texts
from sonogram.picture.axes import band_axis
from sonogram.picture.figure import MAX_PANELS, stack
from sonogram.picture.folder import FolderJob, folder_page
from sonogram.picture.panel import Panel
from sonogram.picture.parts import feature_parts
from sonogram.picture.recording import Excerpt, file_panels
from sonogram.picture.reporting import Report, read_or_report
from sonogram.picture.sound import open_sound
from sonogram.picture.style import AxisName, Levels, Style, View
from sonogram.picture.viewing import Resolution, viewing_frontend
from sonogram.picture.write import check_path, write

if TYPE_CHECKING:
    from sonogram.picture.canvas import Picture

__all__ = ["ArgumentError", "show"]  # the error for `sonogram.cli`

Source = SoundSource | Audio


@with_known_keywords
def show(  # noqa: PLR0913 - the options of the command
    source: Source | Sequence[Source],
    output: str | os.PathLike[str] | None = None,
    *,
    start: float = 0.0,
    duration: float | None = None,
    low: float | None = None,
    high: float | None = None,
    axis: AxisName | None = None,
    preset: str | AnyFrontend | None = None,
    window: int | None = None,
    step: int | None = None,
    fft: int | None = None,
    reassigned: bool = False,
    multitaper: bool = False,
    channels: bool = False,
    channel: int | None = None,
    labels: str | os.PathLike[str] | Sequence[Label] | None = None,
    time_of_day: bool = False,
    shared_time: bool = False,
    levels: Levels = "shared",
    dynamic_range: float | None = None,
    colors: str | None = None,
    title: str | None = None,
    size: str | None = None,
    dpi: int = 200,
    page: int | None = None,
    on_broken: Report | None = None,
) -> Picture | None:
    """Draw spectrograms of recordings, or of a folder of them, in one picture.

    The command `sonogram show` calls it. A notebook displays the result.

    Args:
        source: A sound file, an `Audio`, or a sequence of these, one panel each. A folder becomes a page
            of small pictures of its sound files, or of the features that `extract` wrote there.
        output: Picture to write, by its ending PNG, SVG or PDF; None writes none.
        start: Beginning of the part to show, seconds.
        duration: Length of the part, seconds; None shows all that follows.
        low: Lowest frequency to show, Hz; None is that of the features.
        high: Highest frequency, Hz.
        axis: Frequency axis: "linear", "log", "mel", or "note", a logarithmic axis with the names of notes.
            None is linear for spectra; the bands of a preset have equal heights.
        preset: Name of a published front end, or a definition, whose features are drawn. A `Bundle` has a
            panel for each part, a `Spatial` one for each channel or pair of channels. None chooses a
            definition for viewing: see `sonogram.picture.viewing_frontend`.
        window: Window length, samples. 512 suits bats at 192 kHz, 1024 to 4096 speech and music at 44.1 kHz.
            None follows the sample rate.
        step: Distance between windows, samples; None is a quarter of the window, or less in short recordings.
        fft: Length of the Fourier transform, samples, at least `window`.
        reassigned: Whether to move the energy to where it lies: tones, sweeps and clicks become sharp lines.
        multitaper: Whether to average over five windows: noise becomes smooth, and faint calls stand out.
        channels: Whether to draw one panel for each channel, instead of their mix.
        channel: Number of the channel to draw, 1 is the first; None mixes them.
        labels: Labels to draw over one recording: an Audacity label track, a Raven selection table, a CSV
            file of `predict`, or a sequence of `sonogram.picture.Label`.
        time_of_day: Whether the time axis shows times of day, by the GUANO metadata or the name of the file.
        shared_time: Whether equal widths are equal times in all recordings of the picture.
        levels: "shared": equal colors are equal values in all recordings. "own": each recording has its own
            peak.
        dynamic_range: Dynamic range of the colors, down from the peak, dB. 60 suits noisy recordings, 90
            clean ones; None chooses it from the noise floor.
        colors: Color map, one of `sonogram.picture.COLORS` or any of Matplotlib. None is "magma", and
            "RdBu_r" for cepstra.
        title: Text above the picture; None is the name of the file or folder.
        size: Width and height, such as "85x60mm", "3.5x2in" or "1920x1080" (pixels).
        dpi: Pixels per inch: 200 for screens, 300 or 600 for print.
        page: Number of the page, if a folder has more than 100 recordings; None is the first.
        on_broken: Called with a line for each recording that cannot be drawn, which is then left out;
            None raises the error.

    Returns:
        The picture, a Matplotlib figure; None if `on_broken` was called for every recording.

    Raises:
        SonogramError: An argument is invalid, or the picture cannot be written.
        AudioError: A recording cannot be read.

    Example:
        >>> tone = np.sin(0.3 * np.arange(16000, dtype="float32"))
        >>> picture = sg.show(sg.Audio(tone, 16000), axis="log", title="A tone")
        >>> [axes.get_label() for axes in picture.axes]
        ['spectrogram 0', 'wave 0', 'color bar']

    See Also:
        `sonogram.picture.draw`, for features; `sonogram.load`.
    """
    sources = _sources(source)
    check_texts(title=title)
    style = Style(colors, dynamic_range, levels, size, dpi)
    view = View(axis, low, high, shared_time)
    excerpt = Excerpt(start, duration, channel, mono=not channels)
    resolution = Resolution(window, step, fft)
    spectrum = _spectrum(reassigned, multitaper)
    if channels and channel is not None:
        raise ArgumentError("one channel or all of them; leave channels out", "channel")
    if output is not None:
        with _argument("output"):
            check_path(output)
    with _argument("preset"):
        frontend = _frontend(preset)
    if frontend is not None:
        _check_preset(frontend, resolution, spectrum)
        style = _check_parts(frontend, view, style)
    if len(sources) == 1 and _is_folder(sources[0]):
        unfit = {
            **{"channels": channels, "labels": labels, "time_of_day": time_of_day},
            **{"reassigned": reassigned, "multitaper": multitaper, **vars(resolution)},
        }
        for name, value in unfit.items():
            if value:
                raise ArgumentError(f"a page of a folder has no {name}; pass the files instead", name)
        picture = folder_page(
            Path(sources[0]), page or 1, FolderJob(frontend, excerpt, style, view), title, on_broken
        )
    elif page is not None:
        raise ArgumentError("sound files are one picture; only a folder has pages", "page")
    else:
        choose = frontend or partial(viewing_frontend, resolution=resolution, logarithmic=view.logarithmic)
        with _argument("labels"):
            found = _labels(labels, len(sources))
        job = _Job(choose, excerpt, title, len(sources) == 1, time_of_day, found, spectrum)
        panels = [
            panel for number, each in enumerate(sources, 1) for panel in job.read(each, number, on_broken)
        ]
        heading = None if len(sources) == 1 else title
        picture = stack(panels, title=heading, style=style, view=view) if panels else None
    if picture is not None and output is not None:
        write(picture, output)
    return picture


@dataclass(frozen=True, eq=False)
class _Job:
    """What is common to all recordings of a picture."""

    frontend: Any
    excerpt: Excerpt
    title: str | None
    single: bool
    time_of_day: bool
    labels: list[Label]
    spectrum: Any

    def read(self, source: Any, number: int, on_broken: Report | None) -> list[Panel]:
        """Return the panels of a source; none if it is broken, which is reported."""
        named = isinstance(source, (str, os.PathLike))
        name = os.fspath(source) if named else str(getattr(source, "name", f"recording {number}"))
        title = self.title if self.single else None if named else name
        return read_or_report(name, lambda: self._panels(source, title), on_broken) or []

    def _panels(self, source: Any, title: str | None) -> list[Panel]:
        if _is_folder(source):
            raise SonogramError(f"{source}: is a folder; show it alone, or name the sound files in it")
        sound = open_sound(source)
        panels = file_panels(sound, self.frontend, self.excerpt, title=title, spectrum=self.spectrum)
        if self.time_of_day:
            began = sound.began
            if began is None:
                raise SonogramError(
                    f"{sound.name}: neither its name nor its metadata have a time of day, such as "
                    "20260514_043000.wav; leave time_of_day out"
                )
            panels = [replace(panel, began=began) for panel in panels]
        if self.labels:
            labels = labels_of(self.labels, sound.name)
            each = 0 if self.excerpt.mono or sound.channels == 1 else len(panels) // sound.channels
            numbers = [index // each + 1 if each else self.excerpt.channel for index in range(len(panels))]
            panels = [
                replace(
                    panel,
                    labels=tuple(one for one in labels if number is None or one.channel in {None, number}),
                )
                for panel, number in zip(panels, numbers, strict=True)
            ]
        return panels


def _sources(source: Any) -> list[Any]:
    """Return the sounds of a source."""
    if hasattr(source, "dtype"):
        raise ArgumentError("samples need their rate: pass sonogram.Audio(samples, sample_rate)", "source")
    single = isinstance(source, (str, os.PathLike, Audio, bytes, bytearray, memoryview)) or hasattr(
        source, "read"
    )
    if not single and not isinstance(source, Iterable):
        raise ArgumentError(f"a source must be a sound or a list of sounds; got {source!r}", "source")
    sources: list[Any] = [source] if single else list(source)
    if not sources:
        raise ArgumentError("there is nothing to draw: the list of sounds is empty", "source")
    if len(sources) > MAX_PANELS:
        message = f"one picture shows at most {MAX_PANELS} files, not {len(sources)}; draw several"
        raise ArgumentError(message, "source")
    return sources


def _check_preset(frontend: AnyFrontend, resolution: Resolution, spectrum: Any) -> None:
    """Raise an error for options that do not go with a preset."""
    own = next((name for name, value in vars(resolution).items() if value is not None), None)
    if own is not None:
        raise ArgumentError(f"a preset has its own {own}; leave one of them out", own)
    if spectrum is not None:
        with _argument("preset"):
            if not isinstance(frontend, Frontend):
                raise SonogramError(
                    f"a {type(frontend).__name__} is neither reassigned nor multitaper; leave one out"
                )
            sharpened.check_bins(frontend)


def _check_parts(frontend: AnyFrontend, view: View, style: Style) -> Style:
    """Return the style for the parts of a definition, which all have the axes of a view."""
    parts = feature_parts(frontend)
    for part in parts:
        band_axis(part.frontend, view)
    # Colors of different units have no common scale.
    several = len({part.frontend.unit for part in parts}) > 1
    return replace(style, levels="own") if several else style


def _spectrum(reassigned: bool, multitaper: bool) -> Any:
    """Return the function that takes the place of the front end; None for none."""
    if reassigned and multitaper:
        raise ArgumentError("a picture is either reassigned or multitaper; leave one out", "multitaper")
    return sharpened.reassigned if reassigned else sharpened.multitaper if multitaper else None


def _labels(labels: Any, sources: int) -> list[Label]:
    if labels is not None and sources > 1:
        raise SonogramError("labels belong to one recording; show it alone")
    if not isinstance(labels, str | os.PathLike | Iterable | None):
        raise SonogramError(f"labels are the path of a file, or a list of labels; got {labels!r:.80}")
    return read_labels(labels) if isinstance(labels, str | os.PathLike) else list(labels or ())


def _frontend(preset: str | AnyFrontend | None) -> AnyFrontend | None:
    if preset is None or isinstance(preset, AnyFrontend):
        return preset
    from sonogram import presets

    return presets.preset(preset)


@contextmanager
def _argument(name: str) -> Iterator[None]:
    """State which argument an error inside the block is about."""
    try:
        yield
    except SonogramError as error:
        raise ArgumentError(str(error), name) from None


def _is_folder(source: Any) -> bool:
    return isinstance(source, str | os.PathLike) and os.path.isdir(source)
