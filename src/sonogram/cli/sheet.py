"""A folder to one page: its sound files, or the features that an extraction wrote."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sonogram.cli.report import Failures, echo, usage, working
from sonogram.errors import SonogramError

if TYPE_CHECKING:
    from sonogram.frontend import Frontend
    from sonogram.picture import Look, Panel, Thumbnail

__all__ = ["Page", "draw_folder"]

Read = Callable[[str], "Panel"]


@dataclass(frozen=True)
class Page:
    """What is to be drawn."""

    folder: str
    """Where the sound files or the features are."""
    number: int
    """Which page, from 1."""
    frontend: Frontend | None
    """The definition; None takes one for looking, or that of the features."""
    title: str | None
    """What stands above; None takes the name of the folder."""
    look: Look
    """Colors and range."""


def draw_folder(page: Page, target: Path, failures: Failures) -> None:
    """Draw one page of a folder; what fails is named and left out.

    Raises:
        SonogramError: There is nothing to show.
    """
    from sonogram.picture import PER_PAGE, sheet, thumbnail, write

    extracted = os.path.isfile(os.path.join(page.folder, "extraction.json"))
    if extracted and page.frontend is not None:
        raise usage("these features have a definition of their own; leave --preset out", "--preset")
    names, reader = _stored(page.folder) if extracted else _sounds(page.folder)
    pages = -(-len(names) // PER_PAGE)
    if page.number > pages:
        raise usage(f"there {'is 1 page' if pages == 1 else f'are {pages} pages'}", "--page")
    first = (page.number - 1) * PER_PAGE
    shown = names[first : first + PER_PAGE]
    with working(f"looking into {page.folder}"):
        read = reader(shown, page.frontend)
    thumbnails: list[Thumbnail] = []
    for index, name in enumerate(shown):
        with _caught(name, failures), working(f"reading {name} ({index + 1} of {len(shown)})"):
            thumbnails.append(thumbnail(read(name), name, len(shown)))
    if not thumbnails:
        return
    title = page.title if page.title is not None else Path(page.folder).resolve().name
    part = f": page {page.number} of {pages}, {first + 1} to {first + len(shown)} of {len(names)}"
    with failures.collect(str(target)), working(f"drawing {target}"):
        title += part if pages > 1 else ""
        write(sheet(thumbnails, places=len(shown), title=title, look=page.look), target)
        more = page.number < pages
        echo(f"{target}{part if pages > 1 else ''}{f'; --page {page.number + 1} shows more' if more else ''}")


@contextmanager
def _caught(name: str, failures: Failures) -> Iterator[None]:
    """Turn the failure of a recording into one line, which names it once."""
    with failures.collect(name):
        try:
            yield
        except SonogramError as error:
            if name not in str(error):
                raise
            failures.add(str(error))  # it begins with the whole path


def _sounds(folder: str) -> tuple[list[str], Callable[[Sequence[str], Frontend | None], Read]]:
    """The sound files of a folder, and what reads them."""
    from sonogram.files import sound_files

    root = Path(folder)
    names = [path.relative_to(root).as_posix() for path in sound_files(root)]
    if not names:
        raise SonogramError(f"{folder}: no sound file in this folder; name the files one by one")

    def reader(shown: Sequence[str], frontend: Frontend | None) -> Read:
        from sonogram.picture import common_frontend, file_panels

        chosen = frontend or common_frontend([root / name for name in shown])
        return lambda name: file_panels(root / name, chosen)[0]

    return names, reader


def _stored(folder: str) -> tuple[list[str], Callable[[Sequence[str], Frontend | None], Read]]:
    """What an extraction wrote, and what reads it."""
    from sonogram.dataset.stored import without_labels

    stored = without_labels(Path(folder))

    def reader(shown: Sequence[str], frontend: Frontend | None) -> Read:
        from sonogram.picture import clip_panel

        return lambda name: clip_panel(stored.values(name), stored.frontend)

    return list(stored.clips.paths), reader
