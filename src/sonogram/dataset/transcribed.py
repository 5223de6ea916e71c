"""Readers of published recordings of speech with their texts."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from sonogram.dataset.clips import Clip, Clips
from sonogram.dataset.published import corpus_folder
from sonogram.errors import SonogramError
from sonogram.files import SOUND_ENDINGS, read_text

__all__ = ["common_voice", "librispeech"]

_PARTS = {"train": "train", "dev": "validation", "test": "test"}
"""Split of each file of Common Voice."""


def common_voice(folder: str | os.PathLike[str]) -> Clips:
    """Return the recordings of Common Voice in one language, with the published split.

    The group is the speaker.

    Args:
        folder: Folder of the language, with `train.tsv`, `dev.tsv`, `test.tsv` and `clips/` in it.

    Returns:
        Clips with texts and the splits "train", "validation" and "test".

    Raises:
        SonogramError: The folder has another layout.

    Source:
        R. Ardila et al., "Common Voice: A massively-multilingual speech corpus", LREC 2020.

    See Also:
        `librispeech`; `clips`, for a manifest with the columns path and text.
    """
    root = corpus_folder(folder)
    found = []
    for name, split in _PARTS.items():
        for line, row in enumerate(_rows(root / f"{name}.tsv"), 2):
            if not row.get("path") or row.get("sentence") is None:
                raise SonogramError(
                    f"{root / f'{name}.tsv'}, line {line}: lacks path or sentence; unpack the archive again"
                )
            path = root / "clips" / row["path"]
            found.append(Clip(str(path), "", row.get("client_id") or None, split, row["sentence"]))
    if not found:
        raise SonogramError(
            f"{root}: not a language of Common Voice; it must have train.tsv, dev.tsv or test.tsv in it"
        )
    return Clips(found)


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    # Sentences contain quotation marks, which quote nothing.
    return list(csv.DictReader(io.StringIO(read_text(path)), delimiter="\t", quoting=csv.QUOTE_NONE))


def librispeech(folder: str | os.PathLike[str]) -> Clips:
    """Return the recordings of LibriSpeech, or of a corpus in its layout.

    The group is the speaker. The split is "train", "validation" or "test" by the name of the subset, such as
    `train-clean-100` or `dev-other`. Multilingual LibriSpeech has another layout: write a manifest of it.

    Args:
        folder: Folder of the subsets, or one subset or part of it:
            `<speaker>/<chapter>/<speaker>-<chapter>.trans.txt` with the texts, next to the recordings.

    Returns:
        Clips with texts.

    Raises:
        SonogramError: The folder has another layout, or a recording is absent.

    Source:
        V. Panayotov et al., "LibriSpeech: An ASR corpus based on public domain audio books", ICASSP 2015.

    See Also:
        `common_voice`; `clips`, for a manifest with the columns path and text.
    """
    root = corpus_folder(folder)
    found = []
    for listing in sorted(root.glob("**/*.trans.txt")):
        subset, speaker, *_ = (root.resolve() / listing.relative_to(root)).parts[-4:]
        split = next((part for name, part in _PARTS.items() if subset.startswith(f"{name}-")), None)
        paths = sorted(listing.parent.iterdir())
        sounds = {path.stem: path for path in paths if path.suffix.lower() in SOUND_ENDINGS}
        for number, line in enumerate(read_text(listing).splitlines(), 1):
            name, _, text = line.strip().partition(" ")
            if name and name not in sounds:
                raise SonogramError(
                    f"{listing}, line {number}: there is no recording {name}; unpack it again"
                )
            if name:
                found.append(Clip(str(sounds[name]), "", speaker, split, text))
    if not found:
        raise SonogramError(f"{root}: not LibriSpeech; it must have files *.trans.txt with the texts in it")
    return Clips(found)
