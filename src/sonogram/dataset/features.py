"""Features from an extraction, for training without decoding."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from sonogram.dataset.clips import Clip, Clips
from sonogram.dataset.cuts import Cut, Fixed, Windows
from sonogram.dataset.reader import Reader, Values
from sonogram.dataset.source import Data, clips
from sonogram.dataset.windowing import num_samples
from sonogram.definitions import AnyFrontend, read_definition, row_shape
from sonogram.errors import AudioError, SonogramError
from sonogram.extraction.record import INDEX, Row, find_row, read_index
from sonogram.extraction.tfrecord import ShardReader
from sonogram.extraction.work import content_hash

__all__ = ["Features", "features", "without_labels"]


@dataclass(frozen=True, eq=False)
class Features:
    """Stored features of a data set, which `batches` accepts in place of a front end.

    Example:
        >>> import tempfile
        >>> place = Path(tempfile.mkdtemp())
        >>> (place / "cat").mkdir()
        >>> sg.save(place / "cat" / "1.wav", np.zeros(8000, np.float32), 8000)
        >>> _ = sg.extract([place], place / "out", sg.Frontend(8000, 256, 80))
        >>> stored = features(place / "out")
        >>> stored.sample_rate, stored.length("cat/1.wav"), stored.values("cat/1.wav").shape
        (8000, 8000, (97, 129))

    See Also:
        features: opens the folder of an extraction.
    """

    clips: Clips
    """Clips with features and labels."""
    frontend: AnyFrontend
    """Definition of the features."""
    folder: Path
    """Folder of the extraction."""
    rows: Mapping[str, Row] = field(repr=False)
    """Row of the extraction's index for each clip, by its path."""
    _shards: ShardReader = field(default_factory=ShardReader, repr=False)

    @property
    def sample_rate(self) -> int:
        """Sample rate of the front end, hertz."""
        return int(self.frontend.sample_rate)

    def values(self, path: str) -> NDArray[np.float32]:
        """Return the features of a clip, `(frames, bands)`.

        Args:
            path: Path of the clip in `clips`.

        Returns:
            float32, `(frames, bands)`; `(frames, bands, channels)` of a `Bundle` along channels.

        Raises:
            AudioError: The extraction of the clip failed, or the stored file cannot be read.
        """
        row = self._row(path)
        if row.status != "done":
            raise AudioError(row.error)
        place = self.folder / row.shard
        shape = row.frames, *row_shape(self.frontend)
        try:
            found = (
                _map_array(place)
                if row.shard.endswith(".npy")
                else self._shards.features(str(place), row.offset, shape[1:])
            )
        except (OSError, ValueError, EOFError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or " ".join(str(error).split())
            raise AudioError(f"{place}: cannot be read ({reason}); extract the folder again") from None
        if found.shape != shape:
            raise AudioError(
                f"{place}: holds features of shape {found.shape}, the index says {shape}; "
                "extract the folder again"
            )
        return np.array(found, np.float32)

    def length(self, path: str) -> int:
        """Return the length of a clip in samples at `sample_rate`.

        Args:
            path: Path of the clip in `clips`.
        """
        return round(self._row(path).duration * self.sample_rate)

    def _row(self, path: str) -> Row:
        try:
            return self.rows[path]
        except KeyError:
            raise SonogramError(
                f"{path}: not in the extraction {self.folder}; take clips of `features(folder, data).clips`"
            ) from None

    def reader(self, data: Clips, cut: Cut) -> Reader:
        """Return a reader of the features of clips.

        Args:
            data: Clips to read.
            cut: Rule that turns a clip into examples.

        Raises:
            SonogramError: The cut needs the waveform, or a clip has no stored features.
        """
        if isinstance(cut, Windows):
            raise SonogramError(
                "stored features are those of whole clips: take cut=Whole() or Ragged(), or read the sound "
                "for Windows"
            )
        fixed = cut if isinstance(cut, Fixed) else None
        for path in data.paths:
            length = self.length(path)
            if fixed is not None and length != num_samples(fixed.seconds, self.sample_rate):
                raise SonogramError(
                    f"{path}: has {length / self.sample_rate:g} s; features cannot be cut to "
                    f"{fixed.seconds:g} s as sound can: take cut=Whole() or Ragged(), or read the sound"
                )
        return _StoredReader(self.sample_rate, self.frontend, fixed, stored=self)


@dataclass(frozen=True)
class _StoredReader(Reader):
    """Reader of stored features."""

    stored: Features | None = None

    def values(self, path: str, draw: int = 0) -> Values:
        assert self.stored is not None
        return self.stored.values(path)

    def length(self, path: str, values: Values) -> int:
        assert self.stored is not None
        return self.stored.length(path)


def _map_array(path: Path) -> NDArray[np.floating]:
    """Return the array in a file without reading its values: its header may state any shape."""
    with np.errstate(over="ignore"):
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    if found.dtype.kind != "f":
        raise ValueError(f"it holds {found.dtype}, not floating-point features")
    return found  # type: ignore[no-any-return]


def features(folder: str | os.PathLike[str], data: Data | None = None) -> Features:
    """Open the features that `extract` wrote, for training without decoding.

    `batches` accepts the result in place of a front end and returns the same batches as from the sound
    files: bit for bit if the features are stored as float32, rounded if as float16.

    Args:
        folder: Output folder of `extract`, in the format `npy` or `tfrecord`.
        data: Clips with labels, groups and splits, as for `clips`. None takes all extracted clips; their
            labels come from the extracted manifest, or else are the names of the topmost folders.

    Returns:
        Stored features. Their `clips` can be split like all clips.

    Raises:
        SonogramError: The folder is no finished extraction, a clip is not in it or has changed since,
            or there is no label.

    Example:
        >>> import tempfile, numpy as np, sonogram as sg
        >>> place = Path(tempfile.mkdtemp())
        >>> for label in ("cat", "dog"):
        ...     (place / "sound" / label).mkdir(parents=True)
        ...     sg.save(place / "sound" / label / "1.wav", np.zeros(8000, np.float32), 8000)
        >>> report = sg.extract([place / "sound"], place / "features", sg.Frontend(8000, 256, 80))
        >>> stored = features(place / "features")
        >>> stored.clips
        Clips(2 clips, 2 classes)
        >>> stored.values("cat/1.wav").shape
        (97, 129)

    See Also:
        sonogram.extract: writes the folder. batches: reads it.
    """
    place = Path(folder)
    frontend, rows = _open(place)
    if data is not None:
        whole = clips(data)
        return Features(whole, frontend, place, _match_rows(whole.paths, rows, place))
    done = {path: row for path, row in rows.items() if row.status == "done"}
    return Features(Clips(_label_clips(done.values(), place)), frontend, place, done)


def without_labels(folder: Path) -> Features:
    """Open the features of a folder for display: every label is empty.

    Args:
        folder: Output folder of `extract`.

    Raises:
        SonogramError: The folder is no finished extraction.
    """
    frontend, rows = _open(folder)
    return Features(Clips(Clip(path, "") for path in rows), frontend, folder, rows)


def _open(folder: Path) -> tuple[AnyFrontend, dict[str, Row]]:
    frontend = _definition(folder)
    rows = {row.path: row for row in read_index(folder / INDEX)}
    if not rows:
        raise SonogramError(
            f"{folder}: no index.csv of a finished extraction; run the same `sonogram extract` again"
        )
    return frontend, rows


def _definition(folder: Path) -> AnyFrontend:
    path = folder / "extraction.json"
    try:
        definition = json.loads(path.read_bytes())["definition"]
        if not isinstance(definition, dict):
            raise TypeError(f"its definition is {definition!r}")
        return read_definition(definition)
    except FileNotFoundError:
        raise SonogramError(
            f"{folder}: no extraction ({path.name} is missing); name what `sonogram extract` wrote"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise SonogramError(f"{path}: not written by sonogram ({error}); name another folder") from None


def _label_clips(rows: Iterable[Row], folder: Path) -> list[Clip]:
    found = []
    for row in rows:
        top, *below = PurePath(row.path).parts
        label = row.label or (top if below else "")
        if not label:
            raise SonogramError(
                f"{folder}: {row.path} has no label; name the data set it was made of: features(folder, data)"
            )
        found.append(Clip(row.path, label))
    return found


def _match_rows(paths: Iterable[str], rows: Mapping[str, Row], folder: Path) -> dict[str, Row]:
    """Return the row of each file, after a check that it is the row of that file alone."""
    found = {path: find_row(path, rows, folder) for path in paths}
    owners: dict[str, str] = {}
    for path, row in found.items():
        other = owners.setdefault(row.path, path)
        if os.path.abspath(other) != os.path.abspath(path):
            raise SonogramError(
                f"{other} and {path}: both would have the features of {row.path} in the extraction {folder}; "
                "extract this data set as a whole"
            )
    for path, row in found.items():
        if row.hash and not _is_input(path, row):
            raise SonogramError(
                f"{path}: is not, or is no longer, the {row.path} that was extracted to {folder}; "
                "extract this data set again"
            )
    return found


def _is_input(path: str, row: Row) -> bool:
    """Return whether a file is the input of the row; a file that was deleted is not checked."""
    try:
        found = os.stat(path)
        if found.st_size != row.bytes:
            return False
        # The end of a path and the size are no proof: WAV files of one length have one size.
        return found.st_mtime_ns == row.modified or content_hash(path) == row.hash
    except OSError:
        return True
