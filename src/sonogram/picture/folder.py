"""A page of small pictures of a folder: of its sound files, or of the features in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonogram.errors import SonogramError
from sonogram.files import sound_files
from sonogram.frontend import Frontend
from sonogram.micro import MicroFrontend
from sonogram.picture.arguments import ArgumentError
from sonogram.picture.panel import Panel, clip_panel
from sonogram.picture.parts import pieces
from sonogram.picture.recording import Part, common_frontend
from sonogram.picture.reporting import Report, read_or_report
from sonogram.picture.several import recording_panels
from sonogram.picture.sheet import PER_PAGE, Page, sheet, thumbnail
from sonogram.picture.style import Style, View

if TYPE_CHECKING:
    from sonogram.picture.canvas import Picture

__all__ = ["FolderJob", "folder_page"]

Reader = Callable[[Sequence[str]], Callable[[str], Panel]]


@dataclass(frozen=True, eq=False)
class FolderJob:
    """What is common to all recordings of a page."""

    frontend: Frontend | MicroFrontend | None
    """The definition; None chooses one for the sample rates."""
    part: Part
    """The part of each recording."""
    style: Style
    """Colors, levels and size."""
    view: View
    """Frequency axis and limits."""


def folder_page(
    folder: Path, page: int, job: FolderJob, title: str | None, on_broken: Report | None
) -> Picture | None:
    """Return a page of the recordings in a folder.

    Args:
        folder: The folder.
        page: Number of the page, 1 is the first.
        job: What is common to all recordings.
        title: Text above the page; None is the name of the folder.
        on_broken: Called with a line for each recording that cannot be drawn; None raises the error.

    Returns:
        The picture; None if no recording can be drawn.
    """
    names, reader = _recordings(folder, job, on_broken)
    pages = -(-len(names) // PER_PAGE)
    if not 0 < page <= pages:
        raise ArgumentError(f"there {'is 1 page' if pages == 1 else f'are {pages} pages'}", "page")
    first = (page - 1) * PER_PAGE
    shown = names[first : first + PER_PAGE]
    panel_of, place = reader(shown), Page(len(shown), job.style, job.view)
    thumbnails = []
    for name in shown:

        def read(name: str = name) -> Any:
            return thumbnail(panel_of(name), name, place)

        if (small := read_or_report(name, read, on_broken)) is not None:
            thumbnails.append(small)
    if not thumbnails:
        return None
    title = folder.resolve().name if title is None else title
    part = f"page {page} of {pages}, {first + 1} to {first + len(shown)} of {len(names)}" if pages > 1 else ""
    picture = sheet(thumbnails, place, title=f"{title}: {part}" if part else title)
    picture.part, picture.pages = part, pages
    return picture


def _recordings(folder: Path, job: FolderJob, on_broken: Report | None) -> tuple[list[str], Reader]:
    """Return the names in a folder, and a function that returns what reads the panel of one of them.

    It is given the names on a page, because their sample rates determine the common definition.
    """
    if os.path.isfile(folder / "extraction.json"):  # false also where the system refuses to look
        if job.frontend is not None:
            raise ArgumentError("these features have their own definition; leave preset out", "preset")
        if job.part != Part():
            raise ArgumentError("features are shown whole; leave start, duration and channel out", "start")
        from sonogram.dataset.features import without_labels

        stored = without_labels(folder)
        parts = pieces(stored.frontend)
        if len(parts) > 1:
            raise SonogramError(
                f"{folder}: holds features of a {type(stored.frontend).__name__}, which are several pictures "
                "each; name the sound files and the preset"
            )
        names = list(stored.clips.paths)
        return names, lambda shown: lambda name: clip_panel(stored.values(name), parts[0].frontend)
    report = None if on_broken is None else lambda _, reason: on_broken(reason)
    names = [path.relative_to(folder).as_posix() for path in sound_files(folder, report)]
    if not names:
        raise SonogramError(
            f"{folder}: no sound file in this folder; name files with other endings one by one"
        )

    def reader(shown: Sequence[str]) -> Callable[[str], Panel]:
        paths = [folder / name for name in shown]
        chosen = job.frontend or common_frontend(paths, bands=job.view.axis is None)
        return lambda name: recording_panels(folder / name, chosen, job.part)[0]

    return names, reader
