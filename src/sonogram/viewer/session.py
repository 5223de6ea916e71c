"""`Session`: what is open in the viewer. The page gets identifiers, never paths."""

from __future__ import annotations

import os
import threading
import warnings
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sonogram import __version__
from sonogram.audio import Audio
from sonogram.audio.memory import check_audio
from sonogram.errors import AudioError, SonogramError
from sonogram.files import sound_files
from sonogram.frontend import Frontend
from sonogram.viewer import definitions
from sonogram.viewer.errors import RefusedError
from sonogram.viewer.label_store import LabelStore, Table
from sonogram.viewer.levels import num_levels
from sonogram.viewer.pyramid import tile_columns
from sonogram.viewer.recording import Recording
from sonogram.viewer.scores import Scorer
from sonogram.viewer.thumbnails import Thumbnails
from sonogram.viewer.verdicts import Verdict, Verdicts

__all__ = ["Session", "Source"]

Source = str | os.PathLike[str] | Audio
Found = TypeVar("Found")

_MAX_OPEN = 6
"""Recordings whose decoded samples are kept: the least recently used one is closed before another opens."""
_FIRST_FILES = 200
_MAX_DEFINITIONS = 200


class Session:
    """Recordings and definitions by their identifiers.

    Args:
        sources: Sound files, sounds in memory, or one folder; empty for the microphone of the page.
        frontends: The definitions to begin with; none chooses one for viewing the first recording.
        labels: File or folder for labels; None is next to each sound.
        verdicts: Manifest for verdicts; None is `verdicts.csv` in the folder, or next to the first sound.
        models: Models whose scores can be drawn: Keras models, or paths of `.keras` files.

    Raises:
        SonogramError: There is nothing to show, or a file cannot be read.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        frontends: Sequence[Frontend] = (),
        *,
        labels: Path | None = None,
        verdicts: Path | None = None,
        models: Sequence[Any] = (),
    ) -> None:
        self.folder: Path | None = None
        recordings = self._recordings(list(sources))
        self.recordings = {f"f{number}": each for number, each in enumerate(recordings)}
        self._labels_at, self._stores = labels, dict[str, LabelStore]()
        is_table = labels is not None and labels.suffix.lower() == ".csv" and not labels.is_dir()
        if labels is not None and not is_table and len(recordings) > 1 and _is_one_file(labels):
            raise SonogramError(f"{labels}: labels of several recordings go to a folder, or to one .csv file")
        self._table = Table() if is_table and len(self.recordings) > 1 else None
        self.verdicts = Verdicts(verdicts or self._verdicts_at())
        """What the user agreed with."""
        self.scorers = {f"m{number}": Scorer(model) for number, model in enumerate(models)}
        """The models by identifier."""
        self.thumbnails = Thumbnails(recordings)
        """Small pictures of the recordings."""
        self._open: OrderedDict[str, Recording] = OrderedDict()
        self._lock = threading.Lock()
        self._definitions: OrderedDict[str, Frontend] = OrderedDict()
        for frontend in frontends or self._default():
            self.add(frontend)

    def _recordings(self, sources: list[Source]) -> list[Recording]:
        found: list[Recording] = []
        for source in sources:
            if isinstance(source, Audio):
                name = f"sound {len(found) + 1}"
                found.append(Recording(check_audio(source, name), name))
                continue
            path = Path(source)
            if path.is_dir():
                self.folder = path if len(sources) == 1 else None
                named = sound_files(path, lambda _, reason: warnings.warn(reason, stacklevel=2))
                inside = [each for each in named if _is_inside(each, path)]
                if not inside:
                    raise SonogramError(
                        f"{path}: no sound file in this folder; name files with other endings one by one"
                    )
                found += [Recording(each, each.relative_to(path).as_posix()) for each in inside]
            elif path.is_file():
                found.append(Recording(path, path.name))
            else:
                raise AudioError(f"{path}: no such file; check the path")
        return found

    def _default(self) -> list[Frontend]:
        for recording in self.recordings.values():
            try:
                return [recording.frontend]
            except SonogramError as error:
                if len(self.recordings) == 1:
                    raise
                del error
        raise SonogramError("none of these files can be read; `sonogram info` states why")

    def _verdicts_at(self) -> Path:
        paths = [recording.path for recording in self.recordings.values() if recording.path is not None]
        folder = self.folder or (paths[0].parent if paths else Path())
        return folder / "verdicts.csv"

    # Identifiers.

    def recording(self, identifier: str) -> Recording:
        """Return a recording, ready to be read; the least recently used others are closed."""
        recording = _find(self.recordings, identifier, "file")
        if recording.path is not None and not recording.path.is_file():
            raise RefusedError(410, f"{recording.name}: the file is gone; put it back, or close the page")
        if recording.has_changed:
            raise RefusedError(409, f"{recording.name}: the file has changed; load the page again")
        closed = []
        with self._lock:
            self._open[identifier] = recording
            self._open.move_to_end(identifier)
            while len(self._open) > _MAX_OPEN:
                closed.append(self._open.popitem(last=False)[1])
        for each in closed:
            each.close()
        return recording

    def frontend(self, identifier: str) -> Frontend:
        """Return a definition."""
        with self._lock:
            return _find(self._definitions, identifier, "definition")

    def scorer(self, identifier: str) -> Scorer:
        """Return a model."""
        return _find(self.scorers, identifier, "model", "give one with --model")

    def labels(self, identifier: str) -> LabelStore:
        """Return the labels of a recording."""
        recording = _find(self.recordings, identifier, "file")
        store = self._stores.get(identifier)
        if store is None:
            path = self._label_path(recording)
            if path is None:
                raise RefusedError(409, "sound in memory has no label file; name one with labels=...")
            name = recording.path.name if recording.path and self._table is None else recording.name
            store = self._stores[identifier] = LabelStore(
                path, name, lambda: recording.facts.sample_rate / 2, self._table
            )
        return store

    def verdict(self, identifier: str, start: float | None, end: float | None, label: str) -> Verdict:
        """Return a verdict about a recording, or a part of it."""
        recording = self.recordings.get(identifier)
        if recording is None or recording.path is None:
            raise RefusedError(409, "only sound files can be in a manifest; save the sound first")
        return Verdict(self.verdicts.relative(recording.path), start, end, label)

    @property
    def frontends(self) -> list[Frontend]:
        """The definitions."""
        with self._lock:
            return list(self._definitions.values())

    def add(self, frontend: Frontend) -> Frontend:
        """Add a definition, so that the page can ask for its features."""
        with self._lock:
            self._definitions[definitions.identifier(frontend)] = frontend
            while len(self._definitions) > _MAX_DEFINITIONS:
                self._definitions.popitem(last=False)
        return frontend

    # What the page begins with.

    @property
    def title(self) -> str:
        """Name of what is open."""
        if self.folder is not None:
            return self.folder.resolve().name
        names = [recording.name for recording in self.recordings.values()] or ["microphone"]
        return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"

    def describe(self) -> dict[str, Any]:
        """Return the session as JSON for the page."""
        first = list(self.recordings)[:_FIRST_FILES]
        frontends = self.frontends
        return {
            "title": self.title,
            "version": __version__,
            "files": [self.file(identifier, look=len(self.recordings) == 1) for identifier in first],
            "num_files": len(self.recordings),
            "folder": None if self.folder is None else self.folder.resolve().name,
            "definitions": [definitions.describe(frontend) for frontend in frontends],
            "models": [scorer.describe(name) for name, scorer in self.scorers.items()],
            "readonly": False,
            "microphone": not self.recordings,
        }

    def file(self, identifier: str, *, look: bool = True) -> dict[str, Any]:
        """Return the facts of a file; without `look` only what needs no reading."""
        recording = _find(self.recordings, identifier, "file")
        seconds = rate = channels = error = None
        truncated = False
        if look or "facts" in vars(recording):
            try:
                facts = recording.facts
                seconds, rate, channels = facts.duration, facts.sample_rate, facts.channels
                truncated = facts.truncated
            except SonogramError as problem:
                error = str(problem)
        return {
            "id": identifier,
            "name": recording.name,
            "seconds": seconds,
            "rate": rate,
            "channels": channels,
            "truncated": truncated,
            "error": error,
            "labels": self._has_labels(identifier),
            "verdict": self._whole_verdict(recording),
        }

    def _has_labels(self, identifier: str) -> bool:
        store = self._stores.get(identifier)
        if self._table is not None:
            store = self.labels(identifier)
        if store is not None:
            return store.exists()
        path = self._label_path(self.recordings[identifier])
        return path is not None and path.is_file()

    def _label_path(self, recording: Recording) -> Path | None:
        single = len(self.recordings) == 1
        return LabelStore.path_of(recording.path, recording.name, self._labels_at, single)

    def _whole_verdict(self, recording: Recording) -> str | None:
        if recording.path is None:
            return None
        own = self.verdicts.relative(recording.path)
        found = [name for each, name in self.verdicts.items() if each.path == own and each.start is None]
        return found[-1] if found else None

    def sizes(self, identifier: str) -> dict[str, Any]:
        """Return the facts of a file, with the number of frames and levels of each definition."""
        recording = _find(self.recordings, identifier, "file")
        if recording.has_changed:
            recording.forget()
        facts = self.file(identifier)
        if facts["error"] is not None:
            return {**facts, "definitions": {}, "wave_levels": 0}
        recording = self.recording(identifier)
        with self._lock:
            frontends = dict(self._definitions)
        return {
            **facts,
            "definitions": {name: self.size(recording, frontend) for name, frontend in frontends.items()},
            "wave_levels": recording.track("mix")[0].num_wave_levels(),
        }

    def size(self, recording: Recording, frontend: Frontend) -> dict[str, int]:
        """Return the number of frames and levels of a recording for a definition."""
        facts = recording.facts
        samples = -(-facts.num_samples * int(frontend.sample_rate) // facts.sample_rate)
        frames = frontend.num_frames(samples)
        return {"frames": frames, "levels": num_levels(frames, tile_columns(frontend))}

    def close(self) -> None:
        """Stop all work, and release memory and files."""
        for recording in self.recordings.values():
            recording.close()
        for scorer in self.scorers.values():
            scorer.close()


def _find(table: Mapping[str, Found], identifier: str, kind: str, remedy: str = "reload the page") -> Found:
    found = table.get(identifier)
    if found is None:
        raise RefusedError(404, f"there is no {kind} {identifier[:40]!r}; {remedy}")
    return found


def _is_one_file(labels: Path) -> bool:
    """Return whether the place for labels is a file, or the name of a new one."""
    return labels.is_file() or (labels.suffix.lower() == ".txt" and not labels.is_dir())


def _is_inside(path: Path, folder: Path) -> bool:
    """Whether a file lies in the folder after links are followed: a link to elsewhere is not served."""
    return path.resolve().is_relative_to(folder.resolve())
