"""A page of small pictures of a folder: of its sound files, or of the features in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonogram.definitions import AnyFrontend
from sonogram.errors import SonogramError
from sonogram.files import sound_files
from sonogram.picture.arguments import ArgumentError
from sonogram.picture.panel import Panel, clip_panel
from sonogram.picture.parts import FeaturePart, feature_parts
from sonogram.picture.recording import Excerpt, file_panels
from sonogram.picture.reporting import Report, read_or_report
from sonogram.picture.sheet import PER_PAGE, Page, Thumbnail, sheet, thumbnail
from sonogram.picture.style import Style, View
from sonogram.picture.viewing import common_frontend

if TYPE_CHECKING:
    from sonogram.picture.canvas import Picture

__all__ = ["FolderJob", "folder_page"]

Reader = Callable[[Sequence[str]], Callable[[str], list[Panel]]]


@dataclass(frozen=True, eq=False)
class FolderJob:
    """What is common to all recordings of a page."""

    frontend: AnyFrontend | None
    """The definition; None chooses one for the sample rates."""
    excerpt: Excerpt
    """What to show of each recording."""
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
    names, reader, parts = _recordings(folder, job, on_broken)
    headings = [part.title for part in parts] or [""]
    # Colors of different units have no common scale.
    several = len({part.frontend.unit for part in parts}) > 1
    style = replace(job.style, levels="own") if several else job.style
    per_page = PER_PAGE // len(headings)
    pages = -(-len(names) // per_page)
    if not 0 < page <= pages:
        raise ArgumentError(f"there {'is 1 page' if pages == 1 else f'are {pages} pages'}", "page")
    first = (page - 1) * per_page
    shown = names[first : first + per_page]
    panels_of, place = reader(shown), Page(len(shown), style, job.view, headings)
    thumbnails: list[Thumbnail] = []
    for name in shown:

        def read(name: str = name) -> Any:
            return [thumbnail(panel, name, place, part) for part, panel in enumerate(panels_of(name))]

        thumbnails += read_or_report(name, read, on_broken) or []
    if not thumbnails:
        return None
    title = folder.resolve().name if title is None else title
    part = f"page {page} of {pages}, {first + 1} to {first + len(shown)} of {len(names)}" if pages > 1 else ""
    picture = sheet(thumbnails, place, title=f"{title}: {part}" if part else title)
    picture.part, picture.pages = part, pages
    return picture


def _recordings(
    folder: Path, job: FolderJob, on_broken: Report | None
) -> tuple[list[str], Reader, list[FeaturePart]]:
    """Return the names in a folder, a function that returns what reads one, and the parts of the preset.

    The function is given the names on a page, because their sample rates determine the common definition.
    What it returns reads the panels of a recording, one for each part of the features.
    """
    if os.path.isfile(folder / "extraction.json"):  # false also where the system refuses to look
        if job.frontend is not None:
            raise ArgumentError("these features have their own definition; leave preset out", "preset")
        if job.excerpt != Excerpt():
            raise ArgumentError("features are shown whole; leave start, duration and channel out", "start")
        from sonogram.dataset.features import without_labels

        stored = without_labels(folder)
        parts = feature_parts(stored.frontend)

        def panels(name: str) -> list[Panel]:
            values = stored.values(name)
            return [clip_panel(values[(slice(None), *part.values)], part.frontend) for part in parts]

        return list(stored.clips.paths), lambda _: panels, parts
    report = None if on_broken is None else lambda _, reason: on_broken(reason)
    names = [path.relative_to(folder).as_posix() for path in sound_files(folder, report)]
    if not names:
        raise SonogramError(
            f"{folder}: no sound file in this folder; name files with other endings one by one"
        )

    def reader(shown: Sequence[str]) -> Callable[[str], list[Panel]]:
        paths = [folder / name for name in shown]
        chosen = job.frontend or common_frontend(paths, bands=job.view.axis is None)
        return lambda name: file_panels(folder / name, chosen, job.excerpt)

    return names, reader, [] if job.frontend is None else feature_parts(job.frontend)
