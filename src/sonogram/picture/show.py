"""The function `sonogram.show`: recordings, or a folder of them, in one picture."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from sonogram.audio import Audio, resample
from sonogram.errors import SonogramError
from sonogram.files import sound_files
from sonogram.frontend import Frontend
from sonogram.peers import with_known_keywords
from sonogram.picture.figure import MAX_PANELS, stack
from sonogram.picture.panel import Panel, clip_panel, clip_panels
from sonogram.picture.recording import common_frontend, file_panels, viewing_frontend, whole_rate
from sonogram.picture.sheet import PER_PAGE, sheet, thumbnail
from sonogram.picture.style import COLORS, Style
from sonogram.picture.write import check_path, write

if TYPE_CHECKING:
    from sonogram.picture.canvas import Picture

__all__ = ["ArgumentError", "show"]

Source = str | os.PathLike[str] | Audio
Report = Callable[[str], None]
Result = TypeVar("Result")


class ArgumentError(SonogramError):
    """An argument of `show` is invalid.

    Args:
        message: What is wrong, and how to fix it.
        argument: Name of the argument.
    """

    def __init__(self, message: str, argument: str) -> None:
        super().__init__(message)
        self.argument = argument


@with_known_keywords
def show(  # noqa: PLR0913 - the options of the command
    source: Source | Sequence[Source],
    output: str | os.PathLike[str] | None = None,
    *,
    preset: str | Frontend | None = None,
    title: str | None = None,
    dynamic_range: float | None = None,
    colors: str = "magma",
    channels: bool = False,
    page: int | None = None,
    on_broken: Report | None = None,
) -> Picture | None:
    """Draw spectrograms of recordings, or of a folder of them, with a shared color scale.

    The command `sonogram show` calls it. A notebook displays the result.

    Args:
        source: A sound file, an `Audio`, or a sequence of these, one panel each. A folder becomes a page
            of small pictures of its sound files, or of the features that `extract` wrote there.
        output: PNG file to write; None writes none.
        preset: Name of a published front end, or a `Frontend`, whose features are drawn. None chooses a
            definition for viewing: see `sonogram.picture.viewing_frontend`.
        title: Text above the picture; None is the name of the file or folder.
        dynamic_range: Dynamic range of the colors, down from the peak, dB. 60 suits noisy recordings, 90
            clean ones; None chooses it from the noise floor.
        colors: Color map, one of `sonogram.picture.COLORS`.
        channels: Whether to draw one panel for each channel, instead of their mix.
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
        >>> picture = sg.show(sg.Audio(tone, 16000), title="A tone")
        >>> [axes.get_label() for axes in picture.axes]
        ['spectrogram 0', 'wave 0', 'color bar']

    See Also:
        `sonogram.picture.draw`, for features; `sonogram.load`.
    """
    sources: list[Any] = [source] if isinstance(source, (str, os.PathLike, Audio)) else list(source)
    if not 0 < len(sources) <= MAX_PANELS:
        message = f"one picture shows at most {MAX_PANELS} files, not {len(sources)}; draw several"
        raise ArgumentError(message, "source")
    with _argument("dynamic_range" if colors in COLORS else "colors"):
        style = Style(colors, dynamic_range)
    with _argument("preset"):
        frontend = _frontend(preset)
    if output is not None:
        with _argument("output"):
            check_path(output)
    if len(sources) == 1 and _is_folder(sources[0]):
        if channels:
            message = "a page mixes the channels of each recording; pass the files to see their channels"
            raise ArgumentError(message, "channels")
        picture = _page(Path(sources[0]), page, frontend, title, style, on_broken)
    elif page is not None:
        raise ArgumentError("sound files are one picture; only a folder has pages", "page")
    else:
        picture = _stack(sources, frontend, title, style, channels, on_broken)
    if picture is not None and output is not None:
        write(picture, output)
    return picture


def _frontend(preset: str | Frontend | None) -> Frontend | None:
    if preset is None or isinstance(preset, Frontend):
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
    return not isinstance(source, Audio) and os.path.isdir(source)


def _read(name: str, read: Callable[[], Result], on_broken: Report | None) -> Result | None:
    """Return what `read` does; report an error in one line that names the recording, and return None."""
    try:
        return read()
    except SonogramError as error:
        if on_broken is None:
            raise
        on_broken(str(error) if name in str(error) else f"{name}: {error}")
    except MemoryError:
        if on_broken is None:
            raise
        on_broken(f"{name}: does not fit into memory; split it")
    return None


def _stack(
    sources: list[Any],
    frontend: Frontend | None,
    title: str | None,
    style: Style,
    channels: bool,
    on_broken: Report | None,
) -> Picture | None:
    single = len(sources) == 1
    panels: list[Panel] = []
    for number, source in enumerate(sources, 1):
        name = f"recording {number}" if isinstance(source, Audio) else os.fspath(source)
        own = title if single else f"recording {number}" if isinstance(source, Audio) else None

        def read(source: Any = source, own: str | None = own) -> list[Panel]:
            return _panels(source, frontend, own, channels)

        panels += _read(name, read, on_broken) or []
    return stack(panels, title=None if single else title, style=style) if panels else None


def _panels(source: Any, frontend: Frontend | None, title: str | None, channels: bool) -> list[Panel]:
    if not isinstance(source, Audio):
        if os.path.isdir(source):
            raise SonogramError(f"{source}: is a folder; show it alone, or name the sound files in it")
        return file_panels(source, frontend, mono=not channels, title=title)
    samples = np.asarray(source.samples)
    if samples.ndim == 2 and not channels:
        samples = samples.mean(axis=0, dtype=np.float32)
    if frontend is None:
        frontend = viewing_frontend(source.sample_rate, samples.shape[-1])
    elif frontend.sample_rate != source.sample_rate:
        samples = resample(samples, source.sample_rate, whole_rate(frontend))
    return clip_panels(frontend(samples), frontend, samples, title)


def _page(
    folder: Path,
    page: int | None,
    frontend: Frontend | None,
    title: str | None,
    style: Style,
    on_broken: Report | None,
) -> Picture | None:
    names, reader = _recordings(folder, frontend, on_broken)
    page, pages = page or 1, -(-len(names) // PER_PAGE)
    if not 0 < page <= pages:
        raise ArgumentError(f"there {'is 1 page' if pages == 1 else f'are {pages} pages'}", "page")
    first = (page - 1) * PER_PAGE
    shown = names[first : first + PER_PAGE]
    panel_of = reader(shown)
    thumbnails = []
    for name in shown:

        def read(name: str = name) -> Any:
            return thumbnail(panel_of(name), name, len(shown))

        if (small := _read(name, read, on_broken)) is not None:
            thumbnails.append(small)
    if not thumbnails:
        return None
    title = folder.resolve().name if title is None else title
    part = f"page {page} of {pages}, {first + 1} to {first + len(shown)} of {len(names)}" if pages > 1 else ""
    picture = sheet(thumbnails, places=len(shown), title=f"{title}: {part}" if part else title, style=style)
    picture.part, picture.pages = part, pages
    return picture


def _recordings(
    folder: Path, frontend: Frontend | None, on_broken: Report | None
) -> tuple[list[str], Callable[[Sequence[str]], Callable[[str], Panel]]]:
    """Return the names in a folder, and a function that returns what reads the panel of one of them.

    It is given the names on a page, because their sample rates determine the common definition.
    """
    if (folder / "extraction.json").is_file():
        if frontend is not None:
            raise ArgumentError("these features have their own definition; leave preset out", "preset")
        from sonogram.dataset.features import without_labels

        stored = without_labels(folder)
        names = list(stored.clips.paths)
        return names, lambda shown: lambda name: clip_panel(stored.values(name), stored.frontend)
    report = None if on_broken is None else lambda _, reason: on_broken(reason)
    names = [path.relative_to(folder).as_posix() for path in sound_files(folder, report)]
    if not names:
        raise SonogramError(f"{folder}: no sound file in this folder; name the files one by one")

    def reader(shown: Sequence[str]) -> Callable[[str], Panel]:
        chosen = frontend or common_frontend([folder / name for name in shown])
        return lambda name: file_panels(folder / name, chosen)[0]

    return names, reader
