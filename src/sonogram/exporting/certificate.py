"""The certificate: what was compared, and how well it agreed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["VerificationReport"]


@dataclass(frozen=True)
class VerificationReport:
    """What an exported model was found to be when it ran in its own runtime."""

    format: str
    """"saved-model", "litert" or "onnx"."""
    quantize: str | None
    """What the network's weights are stored as; None is float32. The front end always is float32."""
    measure: str
    """What the errors are of: "probabilities", or "values" such as features."""
    max_error: float
    """The largest difference to the Keras model: of probabilities, or in parts of the largest value."""
    rms_error: float
    """The root of the mean squared difference of the output that differs most, in the same parts."""
    same_top_class: float | None
    """The share of clips whose most probable class is that of the Keras model; None without classes."""
    clips: str
    """"given" or "generated"."""
    num_clips: int
    """Clips compared, each alone and, where the batch is open, with others."""
    batches: tuple[int, ...]
    """Clips that ran at once."""
    lengths: tuple[int, int]
    """The shortest and the longest clip, samples."""
    inputs: dict[str, list[int | None]]
    """The shape of each input; None is open."""
    operators: dict[str, int]
    """How often each operator stands in the file."""
    size_bytes: int
    """Of the file, or of the folder."""
    milliseconds_per_second: float
    """Time for one second of sound, on one thread of this machine's processor."""
    frontends: tuple[str, ...]
    """The fingerprints of the definitions."""
    versions: dict[str, str]
    """Of everything that took part."""

    def save(self, path: Path) -> None:
        """Write the certificate as JSON."""
        text = json.dumps(asdict(self), indent=2, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> VerificationReport:
        """Return the certificate that `save` wrote."""
        plain: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for name in ("batches", "lengths", "frontends"):
            plain[name] = tuple(plain[name])
        return cls(**plain)
