"""Copy the recordings of this folder from the full set: `python collect.py FOLDER`.

FOLDER has one `.npz` per original, as `README.md` describes. The part that a preset is compared with is
kept, with time as the first axis; nothing is computed.
"""

import re
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent

# The array that a preset computes, where an original returned several.
PARTS = {
    "deepfilternet": "chirp__erb",
    "openwakeword": "chirp__oww",
    "rnnoise": "chirp__cepstrum",
    "tf-mfcc": "chirp__mfcc13",
    "tf-speech-commands": "chirp__mfcc",
    "vggish": "chirp__logmel",
    "yamnet": "chirp__logmel",
}
# Originals with frequency as the first axis.
TRANSPOSED = {
    "whisper-80", "whisper-128", "voxtral-realtime", "parakeet-80", "parakeet-128",
    "librosa-melspectrogram", "librosa-mfcc", "librosa-pcen", "torchaudio-melspectrogram",
    "torchaudio-mfcc", "keras-melspectrogram", "efficientat-32k", "openl3-mel-256",
    "dcase2024-task1", "dcase-desed", "esc50-logmel-128", "gtzan-logmel-128", "tacotron2",
    "hifigan", "bigvgan-24k", "bigvgan-44k", "vocos-24k", "clvp",
    "styletts2", "onsets-and-frames", "rmvpe", "byol-a", "musicfm", "vits-linear", "open-unmix", "nisqa",
    "torchaudio-lfcc", "voxceleb-trainer", "scipy-spectrogram", "matplotlib-specgram", "librosa-chroma-stft",
    "nnaudio-cqt", "mert-cqt", "librosa-cqt", "librosa-chroma-cqt",
    "librosa-mfcc-39", "asvspoof2021-lfcc",
}  # fmt: skip
# Number of frames of the clip itself, where an original pads to whole examples.
FRAMES = {"ast-audioset": 198, "yamnet": 198}


def main(source: Path) -> None:
    table = (HERE / "README.md").read_text(encoding="utf-8")
    names = dict(re.findall(r"^\| `([\w-]+)` \| `(\w+)` \|", table, flags=re.MULTILINE))
    for preset, recording in names.items():
        arrays = np.load(source / f"{recording}.npz")
        features = arrays[PARTS.get(preset, "chirp")]
        features = features.reshape([size for size in features.shape if size > 1])
        features = features.T if preset in TRANSPOSED else features
        if preset == "htdemucs":  # both parts, (2, bins, frames)
            features = np.concatenate([part.T for part in features], axis=1)
        features = np.ascontiguousarray(features[: FRAMES.get(preset)])
        np.savez_compressed(HERE / f"{preset}.npz", features=features, meta=arrays["meta"])
    for parts in ("filterbanks", "windows"):
        arrays = np.load(source / f"{parts}.npz")
        np.savez_compressed(HERE / f"{parts}.npz", **{key: arrays[key] for key in arrays.files})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
