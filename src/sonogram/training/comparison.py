"""Which backbone suits a data set: linear classifiers on each, by cross-validation over the groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sonogram import backbones
from sonogram.dataset import Data, DatasetReport, LoadedClips, clips, label_targets, load_clips
from sonogram.dataset.splitting import random_subset
from sonogram.errors import SonogramError
from sonogram.models.build import front_model
from sonogram.models.pretrained import heads_of, vector_model
from sonogram.models.vectors import ClipVectors
from sonogram.presets import preset
from sonogram.training.augmentation import compute_features, trim_clips
from sonogram.training.auto import part_means
from sonogram.training.linear_head import clip_rows
from sonogram.training.regression import choose_heads, inner_folds

__all__ = ["FEATURES", "NETWORK_GAIN", "compare_backbones"]

FEATURES = "log-mel features"
"""Name of the classifier without a backbone."""
NETWORK_GAIN = 0.18
"""How far a network that is trained on a data set was ahead of the log-mel features, at most."""
_MAX_CLIPS = 200
"""Number of clips that are compared, some seconds for each backbone."""

Floats = NDArray[np.float32]


def compare_backbones(
    data: Data,
    names: Sequence[str] | None = None,
    *,
    report: DatasetReport | None = None,
    seed: int = 0,
) -> Mapping[str, float]:
    """Return the accuracy of a linear classifier on each backbone, and on log-mel features.

    It is the share of up to 200 clips that are classified correctly by classifiers of other groups. A network
    that is trained on the data set was 0.10 to 0.18 ahead of the log-mel features when measured, so a
    backbone that is further ahead does better than such a network.

    Args:
        data: Clips, a folder of class folders, or a CSV manifest, with one label a clip.
        names: The backbones; None takes those that are installed.
        report: Collects unreadable files, which are skipped; None raises at the first one.
        seed: Seed of the choice of clips and of the folds.

    Returns:
        Accuracy by name, the highest first. `FEATURES` is the name without a backbone.

    Raises:
        SonogramError: A backbone is not installed, or the clips cannot be divided.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> place, rng, listed = Path(tempfile.mkdtemp()), np.random.default_rng(0), []
        >>> for label, hertz in (("high", 2000), ("low", 300)):
        ...     for group in "abc":
        ...         tone = np.sin(2 * np.pi * hertz * rng.uniform(0.9, 1.1) * np.arange(8000) / 16000)
        ...         sg.save(place / f"{label}-{group}.wav", 0.3 * tone, 16000)
        ...         listed.append(sg.dataset.Clip(str(place / f"{label}-{group}.wav"), label, group))
        >>> compare_backbones(sg.dataset.Clips(listed), names=[])
        {'log-mel features': 1.0}

    See Also:
        `sonogram.train`, whose argument `backbone` is one of the names.
    """
    whole = clips(data)
    if names is None:
        names = [card.name for card in backbones.CARDS if card.installed]
    if whole.kind != "label":
        raise SonogramError(
            "backbones are compared on clips with one label each. Name the columns path,label"
        )
    chosen = whole.select(random_subset(len(whole), _MAX_CLIPS, seed))
    rates: dict[int, LoadedClips] = {}

    def load(rate: int) -> LoadedClips:
        if rate not in rates:
            rates[rate] = trim_clips(load_clips(chosen, rate, report))
        return rates[rate]

    def judge(loaded: LoadedClips, values: Floats) -> float:
        labels = sorted({clip.label for clip in loaded.clips})
        targets = label_targets(loaded.clips, labels)
        accuracy = choose_heads({"": values}, targets, inner_folds(loaded.clips, seed)).accuracy
        if accuracy is None:
            raise SonogramError("no label has clips in two groups, so nothing can be compared. Add clips")
        return accuracy

    frontend = preset("yamnet")
    loaded = load(int(frontend.sample_rate))
    features = compute_features(loaded, front_model(frontend))
    means = np.stack([part_means(clip.astype(np.float64)) for clip in features])
    found = {FEATURES: judge(loaded, means.astype(np.float32))}
    for name in names:
        card = backbones.card(name)
        vectors = clip_rows(ClipVectors(vector_model(card)), load(card.sample_rate))
        head = next(iter(heads_of(name).values()))
        values = np.concatenate([vectors[part] for part in head], axis=1)
        found[name] = judge(load(card.sample_rate), values)
    return dict(sorted(found.items(), key=lambda item: -item[1]))
