"""Reading every file of a data set once, before hours are spent on it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sonogram.audio import blocks
from sonogram.dataset.clips import Clip, Clips
from sonogram.dataset.report import Report
from sonogram.dataset.source import Data, clips
from sonogram.errors import SonogramError

__all__ = ["checked", "over"]

Result = TypeVar("Result")
_BLOCK = 1 << 18


def checked(data: Data, *, stop: bool = False) -> tuple[Clips, Report]:
    """Decode every file once, and leaves out those that cannot be read.

    Args:
        data: Clips, a folder of class folders, or a CSV manifest.
        stop: Raise the error of the first broken file instead.

    Returns:
        The clips that can be read, with the classes of all, and the report that names the others.

    Raises:
        AudioError: A file is broken and `stop` is true.
        SonogramError: Every file is broken.

    Example:
        >>> import numpy as np, tempfile
        >>> from pathlib import Path
        >>> from sonogram.audio import save
        >>> folder = Path(tempfile.mkdtemp(), "cat")
        >>> folder.mkdir()
        >>> save(folder / "1.wav", np.zeros(800, np.float32), 8000)
        >>> (folder / "2.wav").touch()
        >>> good, report = checked(folder.parent)
        >>> len(good), [Path(entry.path).name for entry in report.broken]
        (1, ['2.wav'])
    """
    whole = clips(data)
    report = Report()

    def read(clip: Clip) -> bool:
        for _ in blocks(clip.path, _BLOCK):
            pass
        return True

    good = [clip for clip, _ in over(whole, read, None if stop else report)]
    if not good:
        raise SonogramError(f"none of the {len(whole)} files can be read; {report.broken[0].reason}")
    return Clips(good, whole.classes), report


def over(
    whole: Clips, work: Callable[[Clip], Result], report: Report | None
) -> Iterator[tuple[Clip, Result]]:
    """Do some work for each clip in threads, and gives the results in the order of the clips.

    Args:
        whole: The clips.
        work: What to do; it may raise SonogramError.
        report: Where broken files are noted; None raises at the first one.
    """

    def safely(clip: Clip) -> Result | SonogramError:
        try:
            return work(clip)
        except SonogramError as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for clip, result in zip(whole, pool.map(safely, whole), strict=True):
                if not isinstance(result, SonogramError):
                    yield clip, result
                elif report is None:
                    raise result
                else:
                    report.note(clip.path, str(result))
        finally:
            pool.shutdown(cancel_futures=True)
