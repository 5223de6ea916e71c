"""Readers of well-known data sets, with the splits that they were published with."""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from sonogram.dataset.clips import Clip, Clips
from sonogram.errors import SonogramError
from sonogram.files import sound_files

__all__ = [
    "NOISE",
    "background_noise",
    "corpus_folder",
    "esc50",
    "gtzan",
    "has_published_lists",
    "speaker",
    "speech_commands",
]

NOISE = "_background_noise_"
"""Folder of noise in Speech Commands, which is no class."""
_SPEAKER = re.compile(r"(.+)_nohash_\d+\.\w+")
_UNKNOWN = "unknown"
_LISTS = ("validation", "testing")
_HASH_RANGE = 2**27 - 1
"""Maximum number of clips per class in the hash rule of Speech Commands."""
_PERCENT = 10.0
"""Share of the speakers in the validation set, and in the test set, percent."""


def speech_commands(folder: str | os.PathLike[str], words: Iterable[str] | None = None) -> Clips:
    """Return the clips of Speech Commands, version 1 or 2: one-second words by many speakers.

    The split is read from `validation_list.txt` and `testing_list.txt`. Without these lists it is computed
    from the hash of the speaker's name, as in the README of the data set. The group is the speaker. The
    recordings of background noise are not included: see `background_noise`.

    Args:
        folder: Folder of the unpacked archive: word folders with `<speaker>_nohash_<count>.wav`.
        words: Words to use as classes; all others become the class "unknown". None uses every word.

    Returns:
        Clips with the splits "training", "validation" and "testing".

    Raises:
        SonogramError: The folder does not exist or has another layout.

    Source:
        P. Warden, Speech Commands: A Dataset for Limited-Vocabulary Speech Recognition, 2018.
    """
    root = _root(folder)
    listed = _read_lists(root)
    wanted = None if words is None else frozenset(words)
    found = []
    for path in sound_files(root):
        word, name = path.parent.name, path.name
        if path.parent.parent != root or word == NOISE:
            continue
        split = _speaker_split(name) if listed is None else listed.get(f"{word}/{name}", "training")
        label = word if wanted is None or word in wanted else _UNKNOWN
        found.append(Clip(str(path), label, speaker(name), split))
    _require(found, root, "word folders with files <speaker>_nohash_<count>.wav in them")
    if wanted is not None and (absent := wanted - {clip.label for clip in found}):
        raise SonogramError(f"{root}: has no folder for {', '.join(sorted(absent))}; check the words")
    return Clips(found)


def speaker(name: str) -> str | None:
    """Return the speaker of a file of Speech Commands, `<speaker>_nohash_<n>.wav`; None for other names."""
    found = _SPEAKER.fullmatch(name)
    return None if found is None else found[1]


def has_published_lists(folder: Path) -> bool:
    """Return whether a folder has the lists of validation and test clips of Speech Commands."""
    return all((folder / f"{name}_list.txt").is_file() for name in _LISTS)


def background_noise(folder: str | os.PathLike[str]) -> tuple[str, ...]:
    """Return the recordings of background noise in Speech Commands, about a minute each.

    Mix them into clips, or use pieces of them as the class "silence".

    Args:
        folder: Folder of the unpacked archive.

    Returns:
        Paths, sorted.

    Raises:
        SonogramError: There are no such recordings.

    See Also:
        speech_commands: the words.
    """
    root = _root(folder)
    found = tuple(str(path) for path in sound_files(root / NOISE))
    _require(found, root, f"a folder {NOISE} with recordings in it")
    return found


def esc50(folder: str | os.PathLike[str], *, esc10: bool = False) -> Clips:
    """Return the clips of ESC-50: 50 classes of everyday sounds, five seconds each, in five folds.

    The split is the fold, "1" to "5", for `leave_one_out(clips, by="split")`; the group is the recording
    that a clip was taken from.

    Args:
        folder: Folder of the unpacked archive, with `meta/esc50.csv` and `audio/` in it.
        esc10: Whether to return only the ten classes of ESC-10.

    Returns:
        Clips with fold and source recording.

    Raises:
        SonogramError: The folder does not exist or has another layout.

    Source:
        K. J. Piczak, ESC: Dataset for Environmental Sound Classification, 2015.
    """
    root = _root(folder)
    table = root / "meta" / "esc50.csv"
    _require(table.is_file(), root, "a file meta/esc50.csv")
    with open(table, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ("filename", "fold", "category", "esc10", "src_file")
    if not rows or any(rows[0].get(column) is None for column in columns):
        raise SonogramError(f"{table}: must have the columns {', '.join(columns)}; download it again")
    return Clips(
        Clip(str(root / "audio" / row["filename"]), row["category"], row["src_file"], row["fold"])
        for row in rows
        if not esc10 or row["esc10"].lower() == "true"
    )


def gtzan(folder: str | os.PathLike[str]) -> Clips:
    """Return the clips of GTZAN: ten genres of music, a hundred clips of half a minute each.

    GTZAN has no published split and does not name the artists. A random split is therefore optimistic:
    some artists are in both sets.

    Args:
        folder: Folder of the unpacked archive: `genres/<genre>/<genre>.00000.wav` (`.au` in the first
            edition, `genres_original` in another).

    Returns:
        Clips without group or split.

    Raises:
        SonogramError: The folder does not exist or has another layout.

    Source:
        G. Tzanetakis and P. Cook, Musical Genre Classification of Audio Signals, 2002.
    """
    root = _root(folder)
    for name in ("genres", "genres_original"):
        if (root / name).is_dir():
            root = root / name
    found = [
        Clip(str(path), path.parent.name)
        for path in sound_files(root)
        if path.name.startswith(f"{path.parent.name}.") and path.parent.parent == root
    ]
    _require(found, root, "genre folders with files <genre>.<number>.wav in them")
    return Clips(found)


def corpus_folder(folder: str | os.PathLike[str]) -> Path:
    """Return the folder of a corpus; an empty name, which would be the working folder, is refused."""
    if not os.fspath(folder):
        raise SonogramError(
            "the name of the folder is empty; name the one that the archive was unpacked into"
        )
    return Path(folder)


def _root(folder: str | os.PathLike[str]) -> Path:
    root = corpus_folder(folder)
    if not root.is_dir():
        raise SonogramError(f"{root}: no such folder; name the one that the archive was unpacked into")
    return root


def _require(condition: object, root: Path, what: str) -> None:
    if not condition:
        raise SonogramError(f"{root}: lacks {what}; name the folder that the archive was unpacked into")


def _read_lists(root: Path) -> dict[str, str] | None:
    """Return the split of each file in the published lists; None if there are no lists."""
    lists = {name: root / f"{name}_list.txt" for name in _LISTS}
    present = [name for name, path in lists.items() if path.is_file()]
    if not present:
        return None
    if len(present) == 1:
        raise SonogramError(
            f"{root}: has {present[0]}_list.txt and not the other list; unpack both again, or remove it to "
            "split by the hash of the speaker"
        )
    return {
        line.strip(): name
        for name, path in lists.items()
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    }


def _speaker_split(name: str) -> str:
    """Return the split of a file by the hash rule in the README of Speech Commands."""
    digest = int(hashlib.sha1(name.partition("_nohash_")[0].encode(), usedforsecurity=False).hexdigest(), 16)
    percent = digest % (_HASH_RANGE + 1) * (100.0 / _HASH_RANGE)
    if percent < _PERCENT:
        return "validation"
    return "testing" if percent < 2 * _PERCENT else "training"
