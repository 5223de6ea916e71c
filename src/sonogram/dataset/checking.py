"""A check of all files of a data set, before a long training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from sonogram.audio import blocks
from sonogram.dataset.clips import Clip, Clips
from sonogram.dataset.report import DatasetReport
from sonogram.dataset.source import Data, clips
from sonogram.errors import SonogramError
from sonogram.files import map_files

__all__ = ["check_files", "map_clips"]

Result = TypeVar("Result")
_BLOCK = 1 << 18


def check_files(data: Data, *, stop: bool = False) -> tuple[Clips, DatasetReport]:
    """Decode every file once and leave out those that cannot be read.

    Args:
        data: Clips, a folder of class folders, or a CSV manifest.
        stop: Whether to raise at the first unreadable file instead.

    Returns:
        The readable clips, with the classes of all, and a report of the other files.

    Raises:
        AudioError: A file is unreadable and `stop` is true.
        SonogramError: Every file is unreadable.

    Example:
        >>> import numpy as np, tempfile
        >>> from pathlib import Path
        >>> from sonogram.audio import save
        >>> folder = Path(tempfile.mkdtemp(), "cat")
        >>> folder.mkdir()
        >>> save(folder / "1.wav", np.zeros(800, np.float32), 8000)
        >>> (folder / "2.wav").touch()
        >>> good, report = check_files(folder.parent)
        >>> len(good), [Path(entry.path).name for entry in report.broken]
        (1, ['2.wav'])

    See Also:
        `batches`, which skips unreadable files with a report.
    """
    whole = clips(data)
    report = DatasetReport()

    def read(clip: Clip) -> bool:
        for _ in blocks(clip.path, _BLOCK):
            pass
        return True

    good = [clip for clip, _ in map_clips(read, whole, None if stop else report)]
    if not good:
        raise SonogramError(f"none of the {len(whole)} files can be read; {report.broken[0].reason}")
    return Clips(good, whole.classes), report


def map_clips(
    function: Callable[[Clip], Result], whole: Clips, report: DatasetReport | None
) -> Iterator[tuple[Clip, Result]]:
    """Call a function for each clip in threads and yield clip and result, in the order of the clips.

    Args:
        function: What to do with a clip; it may raise SonogramError.
        whole: The clips.
        report: Collects unreadable files; None raises at the first one.
    """
    for clip, result in map_files(function, whole):
        if not isinstance(result, SonogramError):
            yield clip, result
        elif report is None:
            raise result
        else:
            report.note(clip.path, str(result))
