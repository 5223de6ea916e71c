"""Scenes with exact events, mixed from clips and noise."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.audio import load, save
from sonogram.dataset.checking import map_clips
from sonogram.dataset.clips import Clip, Clips, Span
from sonogram.dataset.report import DatasetReport
from sonogram.dataset.source import Data, clips
from sonogram.dataset.splitting import folds
from sonogram.errors import SonogramError
from sonogram.files import find_inputs, lock_folder, write_text

__all__ = ["Scenes", "mix"]

Floats = NDArray[np.float32]
_BLOCK, _FADE = 0.01, 0.005
"""Seconds of the blocks whose levels decide what is silence, and of the fades at the ends of an event: a cut
in a sound is a click."""
_NOISE_LEVEL, _PEAK = 0.01, 0.99
"""Standard deviation of the background of a scene, and its largest sample, where full scale is 1."""
_LOWEST_HZ = 50.0
"""Frequency below which pink noise is white, so that it has no slow drift."""
_MAX_SNR = 200
"""Largest level of an event above the noise, dB, as of `layers.Noise`: more than any recording holds."""
_MAX_SECONDS = 86_400
_LEAST_DEVIATION = 1e-6
"""Standard deviation below which a sound is constant, as a share of its largest sample: rounding and
resampling leave less."""
_TRIES = 30
"""Number of places to try for an event before it is left out."""
_KEPT_CLIPS = 1000
_SETTINGS, _MANIFEST = "mix.json", "manifest.csv"


@dataclass(frozen=True)
class Scenes:
    """How scenes are mixed.

    Raises:
        SonogramError: A value is invalid.
    """

    count: int = 100
    """Number of scenes."""
    seconds: float = 10.0
    """Length of a scene, seconds."""
    events: tuple[int, int] = (1, 6)
    """Fewest and most events of a scene. A scene in which they do not fit has fewer, with a warning."""
    snr: tuple[float, float] = (5.0, 25.0)
    """Lowest and highest level of an event above the noise, dB."""
    overlap: int = 2
    """Largest number of events at a time. Events of one label never overlap or touch."""
    trim: float = 30.0
    """Level below the loudest part of a clip at which its silence begins, dB. Silence is cut off, so that the
    event has the times of the sound."""
    sample_rate: int = 16000
    """Sample rate of the scenes, Hz."""
    parts: int = 5
    """Number of parts to divide the groups of clips into. The clips of a scene, and its noise, come from one
    part, which is the group of the scene: models can be tested on scenes of other groups."""
    seed: int = 0
    """Seed of all random numbers."""

    def __post_init__(self) -> None:
        for name, least in {"count": 1, "overlap": 1, "sample_rate": 1, "parts": 1, "seed": 0}.items():
            self._check(name, int, f"a whole number, at least {least}", least)
        self._check("seconds", float, f"from {_BLOCK} to {_MAX_SECONDS} s", _BLOCK, _MAX_SECONDS)
        self._check("trim", float, "above 0 dB", np.nextafter(0, 1))
        self._check("events", int, "the fewest and the most, two whole numbers from 0", 0, size=2)
        wanted = f"the lowest and the highest, two numbers from -{_MAX_SNR} to {_MAX_SNR} dB"
        self._check("snr", float, wanted, -_MAX_SNR, _MAX_SNR, size=2)

    def _check(
        self, name: str, kind: type, wanted: str, least: float, most: float = np.inf, size: int = 1
    ) -> None:
        """Store a number, or several in ascending order, in the form that the record of a folder has."""
        given = getattr(self, name)
        values = [given] if size == 1 else [*given] if isinstance(given, Sequence | np.ndarray) else []
        fits = len(values) == size and all(_is_number(value, kind) for value in values)
        if not (fits and least <= values[0] <= values[-1] <= most):
            raise SonogramError(f"{name} must be {wanted}; got {given!r}")
        numbers = tuple(map(kind, values))
        object.__setattr__(self, name, numbers if size > 1 else numbers[0])


def _is_number(value: object, kind: type) -> bool:
    if isinstance(value, int | np.integer):
        return not isinstance(value, bool)
    return isinstance(value, float | np.floating) and (kind is float or value.is_integer())


def mix(
    data: Data,
    folder: str | os.PathLike[str],
    *,
    noise: Sequence[str | os.PathLike[str]] = (),
    report: DatasetReport | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    **settings: Any,
) -> Clips:
    """Mix clips and noise to scenes whose events are known exactly, to train and test event detection.

    The folder gets one WAV file for each scene, and `manifest.csv` with the columns path, start, end, label
    and group, so that it is a data set itself. A scene depends on the settings and its number alone; an
    interrupted job continues with the scenes that are missing. A scene in which the fewest events do not fit
    has fewer, with a warning.

    Each label is equally frequent. A clip with several labels, "bird;rain", is an event of each. If the clips
    have splits, each scene is mixed from clips of one split, and has this split.

    Args:
        data: Clips with labels: a folder of class folders, a CSV manifest, or `Clips`.
        folder: New folder for the scenes.
        noise: Recordings of background noise, or folders or manifests of those. Without any, pink noise is
            made.
        report: Collects clips that cannot be read, which are left out; None raises at the first one.
        on_progress: Called with the number of finished scenes and the number of all.
        **settings: Fields of `dataset.Scenes`, such as `count=500` and `snr=(0, 20)`.

    Returns:
        The scenes, as recordings with events.

    Raises:
        SonogramError: A setting is invalid, a noise cannot be read, no clip can, or the folder has scenes of
            other settings or of clips that have changed.

    Example:
        >>> import tempfile
        >>> place = Path(tempfile.mkdtemp())
        >>> for name, hertz in (("high", 2000), ("low", 300)):
        ...     (place / "clips" / name).mkdir(parents=True)
        ...     tone = 0.3 * np.sin(2 * np.pi * hertz * np.arange(4000) / 8000)
        ...     sg.save(place / "clips" / name / "1.wav", tone, 8000)
        >>> scenes = mix(place / "clips", place / "scenes", count=3, sample_rate=8000, parts=1)
        >>> scenes.kind, scenes.classes, round(scenes[0].events[0].end - scenes[0].events[0].start, 2)
        ('events', ('high', 'low'), 0.5)

    See Also:
        `sonogram.train`, for a model that detects the events; `sonogram.evaluate`.
    """
    if not os.fspath(folder):
        raise SonogramError("the name of the folder is empty; name a new one for the scenes")
    given, target = Scenes(**settings), Path(folder)
    _check_folder(target)
    sound = lru_cache(_KEPT_CLIPS)(partial(_load_event, settings=given))
    lengths = {
        clip.path: length
        for clip, length in map_clips(lambda clip: len(sound(clip.path)), _labeled(clips(data)), report)
    }
    readable = clips(data).where(lambda clip: clip.path in lengths)
    if not lengths:
        raise SonogramError("no clip could be read; see the reasons above")
    sources = _sources(readable, [each.path for each in find_inputs(noise)] if noise else [], given)
    record = asdict(given) | {
        "sources": [[each.name, each.clips.paths, each.noise] for each in sources],
        "digest": _digest(sources),
    }
    with lock_folder(target, "mix"):
        _check_settings(target, json.dumps(record))
        found, few = [], 0
        for number in range(given.count):
            scene = _plan(number, sources, lengths, given)
            path = target / f"scene-{number:05d}.wav"
            if not path.exists():
                save(path, _mixed(scene, sound, given), given.sample_rate)
            few += len(scene.sounds) < given.events[0]
            found.append(Clip(str(path), "", scene.source.name, scene.source.split, events=scene.spans))
            if on_progress is not None:
                on_progress(number + 1, given.count)
        result = Clips(found, sorted({label for each in sources for label in each.labels}))
        result.save(target / _MANIFEST)
    if few:
        warnings.warn(
            f"{target}: {few} of {given.count} scenes have fewer than {given.events[0]} events, since more "
            "do not fit; mix longer scenes, or allow more overlap",
            stacklevel=2,
        )
    return result


def _labeled(whole: Clips) -> Clips:
    if whole.kind != "label" or not len(whole):
        raise SonogramError(
            "scenes are mixed from clips with one sound each. Name class folders, or a manifest with the "
            "columns path and label"
        )
    return whole


def _check_folder(folder: Path) -> None:
    """Refuse a folder with files that were not mixed: its manifest would be replaced."""
    if folder.exists() and not folder.is_dir():
        raise SonogramError(f"{folder}: is a file; name a folder for the scenes")
    if folder.is_dir() and not (folder / _SETTINGS).exists():
        others = sorted(each.name for each in folder.iterdir() if not each.name.startswith("."))
        if others:
            raise SonogramError(
                f"{folder}: has other files, such as {others[0]}; name a new folder for the scenes"
            )


def _check_settings(folder: Path, record: str) -> None:
    """Refuse a folder with scenes of other settings. A job that failed before its first scene left none."""
    path = folder / _SETTINGS
    has_scenes = any(folder.glob("scene-*.wav")) or (folder / _MANIFEST).exists()
    if has_scenes and path.read_text(encoding="utf-8") != record:
        raise SonogramError(
            f"{folder}: has scenes of other settings or clips; delete the folder, or name another one"
        )
    write_text(path, record)


@dataclass(frozen=True, eq=False)
class _Source:
    """Clips and noise for the scenes of one group."""

    name: str
    split: str | None
    clips: Clips
    noise: list[str]
    labels: dict[str, list[Clip]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for clip in self.clips:
            for label in clip.labels:
                self.labels.setdefault(label, []).append(clip)


def _sources(whole: Clips, noise: list[str], settings: Scenes) -> list[_Source]:
    """Return the parts of the clips, none of whose groups are in two."""
    found = []
    splits: list[str | None] = [*sorted(whole.splits)] or [None]
    for split in splits:
        some = whole if split is None else whole.of_split(split)
        prefix = "" if split is None else f"{split}-"
        count = min(settings.parts, len({clip.group or clip.path for clip in some}))
        parts = [part.validation for part in folds(some, count, seed=settings.seed)] if count > 1 else [some]
        found += [(f"{prefix}part-{number}", split, part) for number, part in enumerate(parts, 1)]
    # Recordings of noise are kept apart too, if there are enough.
    step = len(found) if len(noise) >= len(found) else 1
    return [
        _Source(name, split, part, noise[place % step :: step])
        for place, (name, split, part) in enumerate(found)
    ]


def _digest(sources: Sequence[_Source]) -> str:
    """Return a digest of the labels, and of the size and time of each file, which change with its content."""
    labels = [(clip.path, clip.label) for source in sources for clip in source.clips]
    noise = {path for source in sources for path in source.noise}
    states = [_state(path) for path in (*(path for path, _ in labels), *sorted(noise))]
    return hashlib.sha256(json.dumps([labels, states]).encode()).hexdigest()


def _state(path: str) -> list[int]:
    """Return size and time of a file; nothing if it is absent, which is an error when it is read."""
    try:
        found = os.stat(path)
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns]


@dataclass(frozen=True)
class _Scene:
    """What is in one scene."""

    source: _Source
    spans: tuple[Span, ...]
    sounds: tuple[tuple[int, str, float], ...]
    """Sample at which each clip begins, its path, and its level above the noise, dB."""
    noise: str | None
    rng: np.random.Generator
    """Random numbers for the noise."""


def _plan(number: int, sources: Sequence[_Source], lengths: Mapping[str, int], settings: Scenes) -> _Scene:
    """Return the content of a scene, from random numbers of its own."""
    rng, rate = np.random.default_rng([settings.seed, number]), settings.sample_rate
    sizes = np.array([len(source.clips) for source in sources])
    source = sources[int(rng.choice(len(sizes), p=sizes / sizes.sum()))]
    spans: list[Span] = []
    sounds = []
    for _ in range(int(rng.integers(settings.events[0], settings.events[1] + 1))):
        label = sorted(source.labels)[int(rng.integers(len(source.labels)))]
        clip = source.labels[label][int(rng.integers(len(source.labels[label])))]
        length, level = lengths[clip.path], float(rng.uniform(*settings.snr))
        for start in map(int, rng.integers(round(settings.seconds * rate) - length + 1, size=_TRIES)):
            new = [Span(start / rate, (start + length) / rate, name) for name in clip.labels]
            if _fits(spans, new, settings.overlap):
                spans += new
                sounds.append((start, clip.path, level))
                break
    noise = source.noise[int(rng.integers(len(source.noise)))] if source.noise else None
    return _Scene(source, tuple(sorted(spans)), tuple(sounds), noise, rng)


def _fits(spans: Sequence[Span], new: Sequence[Span], overlap: int) -> bool:
    for span in spans:
        if any(span.label == each.label and _touch(span, each) for each in new):
            return False
    # The number of active sounds only rises where one starts.
    times = {span[:2] for span in (*spans, *new)}
    return all(sum(start <= moment < end for start, end in times) <= overlap for moment, _ in times)


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


def _mixed(scene: _Scene, sound: Callable[[str], Floats], settings: Scenes) -> Floats:
    """Return the samples of a scene."""
    samples: Floats = _background(scene.noise, scene.rng, settings)
    for start, path, level in scene.sounds:
        clip = sound(path)
        gain = _NOISE_LEVEL * 10 ** (level / 20) / float(np.sqrt(np.mean(np.square(clip, dtype=np.float64))))
        samples[start : start + len(clip)] += np.float32(gain) * clip
    samples *= np.float32(min(1.0, _PEAK / float(np.abs(samples).max())))
    return samples


def _background(path: str | None, rng: np.random.Generator, settings: Scenes) -> Floats:
    size, rate = round(settings.seconds * settings.sample_rate), settings.sample_rate
    if path is None:
        hertz = np.maximum(np.fft.rfftfreq(size, 1 / rate), _LOWEST_HZ)
        noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(size)) / np.sqrt(hertz), size)
    else:
        noise = _section(path, load(path, rate).samples, size, rng)
    result: Floats = (noise * (_NOISE_LEVEL / noise.std())).astype(np.float32)
    return result


def _section(path: str, whole: Floats, size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a random section of a recording without its mean. A shorter recording is repeated."""
    last = max(len(whole) - size, 0)
    looped = np.tile(whole, 1 + size // max(len(whole), 1))
    # Where most of a recording is silent, the largest difference of two samples is in a section that is not.
    change = int(np.append(0, np.abs(np.diff(whole))).argmax())
    firsts = [*(int(rng.integers(last + 1)) for _ in range(_TRIES)), min(max(change - size // 2, 0), last)]
    for first in firsts:
        section = looped[first : first + size].astype(np.float64)
        if _varies(section):
            section -= section.mean()
            return section
    raise SonogramError(f"{path}: the noise is silent; leave it out")


def _varies(samples: NDArray[np.floating]) -> bool:
    """Return whether samples are a sound: a constant is silent."""
    if not len(samples):
        return False
    return bool(samples.std(dtype=np.float64) > _LEAST_DEVIATION * np.abs(samples).max())


def _load_event(path: str, settings: Scenes) -> Floats:
    """Return a clip without the silence at its ends, with fades, not longer than a scene."""
    samples, rate = load(path, settings.sample_rate)
    block = max(1, round(_BLOCK * rate))
    blocks = np.pad(samples, (0, -len(samples) % block)).reshape(-1, block).astype(np.float64)
    power = np.mean(blocks**2, axis=1)
    if not _varies(samples):
        raise SonogramError(f"{path}: the clip is silent; leave it out")
    loud = np.flatnonzero(power >= power.max() * 10 ** (-settings.trim / 10))
    stop = min((int(loud[-1]) + 1) * block, int(loud[0]) * block + round(settings.seconds * rate))
    sound = samples[int(loud[0]) * block : stop].copy()
    count = min(round(_FADE * rate), len(sound) // 2)
    ramp = np.linspace(0, 1, count, endpoint=False, dtype=np.float32)
    sound[:count] *= ramp
    sound[len(sound) - count :] *= ramp[::-1]
    if not np.any(sound):
        raise SonogramError(f"{path}: nothing of the clip is left after its fades; leave it out")
    return sound
